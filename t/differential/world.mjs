// Who lives here: users, apps, where they are, and the credentials that were issued before the first request of
// the corpus. Names and credentials have bytes that form parsers and Basic parsers must decode.

export const users = { 'alice@example.com': 'office', 'zoë söder': 'office', robin: 'anywhere' };
export const unlistedUser = 'visitor';

export const apps = ['web', 'relaxed', 'service', 'a+b c', 'café', 'my:app'];
export const runAs = { service: 'alice@example.com' };

export const policy = {
  ipfence: 1,
  organization: { default_profile: null, user_claims: ['sub'] },
  profiles: { office: { login_ip_ranges: ['127.64.0.0/10'] }, anywhere: { unrestricted: true } },
  users,
  apps: Object.fromEntries(
    apps.map((app) => [
      app,
      {
        ...(app === 'relaxed' && { ip_relaxation: 'relax' }),
        ...(app in runAs && { run_as: runAs[app] }),
      },
    ]),
  ),
};

// All of 127.0.0.0/8 is this machine: each request comes from an address of its own, by which the gate's audit
// log and the provider know it.
const hosts = 2 ** 22;

export function addressOf(number, isInside) {
  if (number > hosts - 2) throw new RangeError(`no more than ${hosts - 1} requests`);
  const bits = (isInside ? 64 * 2 ** 16 : 128 * 2 ** 16) + number + 1;
  return `127.${bits >>> 16}.${(bits >>> 8) & 255}.${bits & 255}`;
}

// One refresh token and one code for each of these.
const owners = ['web', 'relaxed', 'a+b c'].flatMap((app) =>
  Object.keys(users).map((user) => ({ app, user })),
);

const issue = (prefix) =>
  owners.map(({ app, user }, number) => ({ app, user, value: `${prefix}/${number}+${'0123456789abcdef'}=` }));

export const refreshTokens = issue('refresh');
export const codes = issue('code');

export const unknownToken = 'nobody/has+issued=this';

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

// The gate believes no signature of an assertion: it can only deny.
export const jwt = (claims) => `${base64url({ alg: 'RS256' })}.${base64url(claims)}.c2ln`;
