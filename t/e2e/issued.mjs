// What the provider hands out, whoever gets it in the end: said on standard error, for the tests to know.

const inBodies = ['access_token', 'refresh_token', 'id_token', 'device_code'];
const inRedirects = ['code', 'access_token', 'id_token'];

function inRedirect(location) {
  if (!URL.canParse(location)) return [];
  const { searchParams, hash } = new URL(location);
  const fragment = new URLSearchParams(hash.slice(1));
  return inRedirects.flatMap((name) => [searchParams.get(name), fragment.get(name)]);
}

// The cookies of interactions are in paths, too; those of sessions are secrets.
const inCookies = (cookies = []) => [cookies].flat().map((cookie) => cookie.match(/^_session(?:\.legacy)?=([^;]+)/)?.[1]);

export function sayWhatIsIssued(provider) {
  provider.use(async (context, next) => {
    await next();
    const body = context.body ?? {};
    const secrets = [
      ...inBodies.map((name) => body[name]),
      ...inRedirect(context.response.get('location')),
      ...inCookies(context.response.get('set-cookie')),
    ];
    secrets.filter(Boolean).forEach((secret) => console.error(`issued ${secret}`));
  });
}

export const issuedIn = (log) => [...log.matchAll(/^issued (.+)$/gm)].map(([, secret]) => secret);
