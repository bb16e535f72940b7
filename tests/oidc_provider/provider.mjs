// A real OpenID provider on loopback: node provider.mjs <port> <redirect uri>
// Whoever names an account at its sign-in page is that account, with any password.
import Provider from "oidc-provider";

const [port, redirectUri] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "salon",
      client_secret: "a-secret-of-the-tests-only",
      redirect_uris: [redirectUri],
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "preferred_username"] },
  // Some providers put the address into the ID token, most leave it to the user info endpoint.
  conformIdTokenClaims: process.env.CLAIMS_IN_ID_TOKEN !== "1",
  features: { devInteractions: { enabled: true } },
  pkce: { required: () => true },
  cookies: { keys: ["a-cookie-key-of-the-tests-only"] },
  async findAccount(_ctx, id) {
    return {
      accountId: id,
      async claims() {
        return {
          sub: id,
          ...(id.startsWith("nomail") ? {} : { email: `${id}@example.org` }),
          email_verified: !id.startsWith("disputed"),
          name: `Person ${id}`,
          preferred_username: id,
        };
      },
    };
  },
});

provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
