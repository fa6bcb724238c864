// An OpenID provider on a free port of this machine. Prints its address, then serves until killed.
//
//   POST /token            client_credentials: a JWT access token of `admin-app`, `reader-app`, …
//   GET  /jwks             its key set, as configured in annals
//   POST /control/rotate   makes a new signing key; the old one stays in the key set
//   POST /control/retire   takes the old signing keys out of the key set
//   GET  /control/counters how often the key set, and what forged tokens point at, was fetched
//   GET  /control/forged   [{name, token}]: see forged.mjs
import { createServer } from 'node:http';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';
import { forged } from './forged.mjs';

const AUDIENCE = 'annals';
const CLIENTS = {
  'admin-app': { workspace: 'acme', roles: ['admin'] },
  'reader-app': { workspace: ['acme', 'beta'], roles: 'viewer guest' },
  'guest-app': { workspace: 'acme', roles: ['guest'] },
  'star-app': { workspace: '*', roles: ['admin'] },
};
const counters = { jwks: 0, attacker: 0 };

function newKey(kind, kid) {
  // Through PEM, so that the key is not the generator's: Node 20 hangs for good if that is
  // collected while its key is exported as JWK.
  const privateKeyEncoding = { type: 'pkcs8', format: 'pem' };
  const { privateKey: pem } = kind === 'RSA'
    ? generateKeyPairSync('rsa', { modulusLength: 2048, privateKeyEncoding })
    : generateKeyPairSync('ec', { namedCurve: 'P-256', privateKeyEncoding });
  const privateKey = createPrivateKey(pem);
  const alg = kind === 'RSA' ? 'RS256' : 'ES256';
  const jwk = { ...privateKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
  return { kid, alg, privateKey, jwk };
}

let keys = [newKey('RSA', 'r1'), newKey('EC', 'e1')];
let address, callback;

function start() {
  const provider = new Provider(address, {
    jwks: { keys: keys.map((key) => key.jwk) },
    clients: Object.keys(CLIENTS).map((client_id) => ({
      client_id,
      client_secret: 'secret',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    })),
    extraTokenClaims: (_, token) => CLIENTS[token.clientId],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'https://annals.test',
        getResourceServerInfo: () => ({
          scope: '',
          audience: AUDIENCE,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 600,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  });
  callback = provider.callback();
}

const control = {
  'POST /control/rotate': () => {
    keys = [newKey('RSA', `r${keys.length}`), ...keys];
    start();
    return keys[0].kid;
  },
  'POST /control/retire': () => {
    keys = [keys[0], keys.at(-1)];
    start();
    return keys.length;
  },
  'GET /control/counters': () => counters,
  'GET /control/forged': () => {
    return forged({ issuer: address, audience: AUDIENCE, rsa: keys[0], ec: keys.at(-1) });
  },
};

const server = createServer((request, response) => {
  const path = request.url.split('?')[0];
  if (path === '/jwks') counters.jwks += 1;
  if (path.startsWith('/attacker')) counters.attacker += 1;
  const answer = control[`${request.method} ${path}`];
  if (!answer) return callback(request, response);
  response.setHeader('content-type', 'application/json');
  return response.end(JSON.stringify(answer()));
});
server.listen(0, '127.0.0.1', () => {
  address = `http://127.0.0.1:${server.address().port}`;
  start();
  console.log(`listening on ${address}`);
});
