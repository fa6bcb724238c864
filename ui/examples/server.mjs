// A product's back end: it signs viewers in, passes Annals through, and gives out viewer tokens.
import express from "express";
import { createProxyMiddleware } from "http-proxy-middleware";

const { ANNALS = "http://127.0.0.1:8080", ANNALS_KEY, PORT = "3000" } = process.env;
const app = express();

// Whoever is signed in is the product's own knowledge; here it is always Ana.
const user = { id: "u1", name: "Ana", workspace: "acme", isAdmin: true };

app.post("/audit-token", async (request, response) => {
  if (!user.isAdmin) return response.sendStatus(403);
  const { id, name, workspace } = user;
  const answer = await fetch(`${ANNALS}/v1/viewer-tokens`, {
    method: "POST",
    headers: { authorization: `Bearer ${ANNALS_KEY}`, "content-type": "application/json" },
    body: JSON.stringify({ workspace, subject: { id, name }, ttl_seconds: 300 }),
  });
  response.status(answer.status).send(await answer.text());
});
app.use("/annals", createProxyMiddleware({ target: ANNALS }));
app.use((request, response, next) => {
  const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'";
  response.set("content-security-policy", `${policy}; img-src 'self' data:`);
  next();
});
app.use(express.static("plain"), express.static("dist"));
const server = app.listen(Number(PORT), "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}/`);
});
