// Tokens that must not open anything, made with everything a forger may have: the public keys, keys
// of his own, a server of his own, and, to show that the signature alone is not enough, real
// signatures over claims that are wrong.
import { createHmac, createPublicKey, constants, generateKeyPairSync, sign } from 'node:crypto';

const isPlain = (value) => typeof value === 'string' || Buffer.isBuffer(value);
const bytes = (value) => Buffer.from(isPlain(value) ? value : JSON.stringify(value));
const base64url = (value) => bytes(value).toString('base64url');
const HASHES = { RS256: 'sha256', RS512: 'sha512', PS256: 'sha256', ES256: 'sha256' };

/** Signs as the algorithm says; a text secret gives an HMAC. */
function signed(header, payload, key, alg = header.alg) {
  const message = `${base64url(header)}.${base64url(payload)}`;
  if (alg.startsWith('HS')) {
    const mac = createHmac(`sha${alg.slice(2)}`, key).update(message).digest('base64url');
    return `${message}.${mac}`;
  }
  const options = { key };
  if (alg.startsWith('PS')) {
    Object.assign(options, { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 });
  }
  if (alg.startsWith('ES')) options.dsaEncoding = 'ieee-p1363';
  return `${message}.${sign(HASHES[alg], Buffer.from(message), options).toString('base64url')}`;
}

const without = (object, name) => {
  const { [name]: _, ...others } = object;
  return others;
};

export function forged({ issuer, audience, rsa, ec }) {
  const now = Math.floor(Date.now() / 1000);
  const header = { alg: 'RS256', typ: 'at+jwt', kid: rsa.kid };
  const claims = {
    iss: issuer, aud: audience, sub: 'u1', iat: now, exp: now + 600,
    workspace: 'acme', roles: ['admin'],
  };
  // Through PEM, as in `provider.mjs`.
  const privateKeyEncoding = { type: 'pkcs8', format: 'pem' };
  const attacker = generateKeyPairSync('rsa', { modulusLength: 2048, privateKeyEncoding });
  const attackerPublic = createPublicKey(attacker.privateKey).export({ format: 'jwk' });
  const attackerJwk = { ...attackerPublic, kid: rsa.kid, alg: 'RS256', use: 'sig' };
  const publicKey = createPublicKey(rsa.privateKey);
  const pem = publicKey.export({ type: 'spki', format: 'pem' });
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const good = signed(header, claims, rsa.privateKey);
  const [h, p, s] = good.split('.');
  const real = (changes, key = rsa) => signed({ ...header, ...changes }, claims, key.privateKey);
  const foreign = (changes) => signed({ ...header, ...changes }, claims, attacker.privateKey);
  const claiming = (changed) => signed(header, changed, rsa.privateKey);
  const cases = {
    'alg none': `${base64url({ ...header, alg: 'none' })}.${p}.`,
    'alg nOnE': `${base64url({ ...header, alg: 'nOnE' })}.${p}.`,
    'alg none with a signature': `${base64url({ ...header, alg: 'none' })}.${p}.${s}`,
    'no alg': `${base64url(without(header, 'alg'))}.${p}.${s}`,
    'no signature': `${h}.${p}.`,
    'signature cut': `${h}.${p}.${s.slice(0, -8)}`,
    'HS256 keyed with the public PEM': signed({ ...header, alg: 'HS256' }, claims, pem),
    'HS256 keyed with the public DER': signed({ ...header, alg: 'HS256' }, claims, der),
    'HS512 keyed with the modulus': signed({ ...header, alg: 'HS512' }, claims, rsa.jwk.n),
    'HS256 keyed with nothing': signed({ ...header, alg: 'HS256' }, claims, ''),
    'PS256, which is not allowed': signed({ ...header, alg: 'PS256' }, claims, rsa.privateKey),
    'RS512, which is not allowed': signed({ ...header, alg: 'RS512' }, claims, rsa.privateKey),
    'ES256 named with an RSA key': real({ alg: 'ES256', kid: rsa.kid }, ec),
    'ES256 of zeros': [
      base64url({ ...header, alg: 'ES256', kid: ec.kid }), p, base64url(Buffer.alloc(64)),
    ].join('.'),
    'another key under our kid': foreign({}),
    'kid is a path': foreign({ kid: '../../../../dev/null' }),
    'kid is SQL': foreign({ kid: "x' UNION SELECT 'k' --" }),
    'kid is a URL': foreign({ kid: `${issuer}/attacker/jwks` }),
    'kid is unknown': real({ kid: 'r99' }),
    'kid is of another key': real({ kid: ec.kid }),
    'no kid': signed(without(header, 'kid'), claims, rsa.privateKey),
    'jwk in the header': foreign({ jwk: attackerJwk }),
    'jku in the header': foreign({ jku: `${issuer}/attacker/jwks` }),
    'x5u in the header': foreign({ x5u: `${issuer}/attacker/cert` }),
    'x5c in the header': foreign({ x5c: [base64url(der)] }),
    'crit': real({ crit: ['exp'] }),
    'b64 in crit': real({ crit: ['b64'], b64: false }),
    'wrong aud': claiming({ ...claims, aud: 'another' }),
    'aud among others only': claiming({ ...claims, aud: ['a', 'b'] }),
    'no aud': claiming(without(claims, 'aud')),
    'wrong iss': claiming({ ...claims, iss: 'https://evil.test' }),
    'iss with a slash more': claiming({ ...claims, iss: `${issuer}/` }),
    'no iss': claiming(without(claims, 'iss')),
    'no exp': claiming(without(claims, 'exp')),
    'expired': claiming({ ...claims, exp: now - 120 }),
    'exp is a text': claiming({ ...claims, exp: `${now + 600}` }),
    'not yet': claiming({ ...claims, nbf: now + 600 }),
    'no sub': claiming(without(claims, 'sub')),
    'claims changed': `${h}.${base64url({ ...claims, sub: 'u2' })}.${s}`,
    '64 KiB': claiming({ ...claims, padding: 'x'.repeat(64 * 1024) }),
    'five parts': `${good}.${s}.${s}`,
    'our own issuer': claiming({
      ...claims, iss: 'annals', aud: 'annals', workspaces: ['*'], scope: 'audit:read',
    }),
  };
  const named = Object.entries(cases).map(([name, token]) => ({ name, token }));
  return named.concat({ name: 'good', token: good });
}
