// How a token of the viewer is had: the product's back end knows who is signed in.
export async function getToken() {
  const response = await fetch("/audit-token", { method: "POST" });
  return (await response.json()).token;
}
