// Who lives in these tests: addresses, users, clients, and the policy that knows them.

// All of 127.0.0.0/8 is this machine, so a client can be anywhere in it.
export const inside = '127.0.1.1';
export const outside = '127.0.2.1';
export const branchOffice = '127.0.3.1';

// By the provider's account, which becomes `sub`; the policy knows users by `preferred_username`.
export const users = {
  alice: 'alice@example.com', // works in the office
  robin: 'robin@example.com', // travels, and is not restricted
  visitor: 'visitor@example.com', // is not in the policy
};

export const passwordOf = (user) => `the password of ${user}`;

export const redirectUri = 'http://127.0.0.1:9/callback';

export const api = 'urn:example:api';

// oidc-provider asks for secrets of at least 32 bytes where they sign.
export const secretOf = (clientId) => `the secret of ${clientId}, 32 bytes at least`;

const browserApp = (clientId) => ({
  client_id: clientId,
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'implicit'],
  redirect_uris: ['https://app.example.com/callback'], // implicit grants are for https only
  response_types: ['code', 'id_token', 'code id_token', 'id_token token'],
});

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

const confidential = (clientId, grants) => ({
  client_id: clientId,
  client_secret: secretOf(clientId),
  grant_types: grants,
  redirect_uris: grants.includes('authorization_code') ? [redirectUri] : [],
  response_types: grants.includes('authorization_code') ? ['code'] : [],
});

const web = (clientId) => confidential(clientId, ['authorization_code', 'refresh_token']);
const service = (clientId, method = 'client_secret_post') => ({
  ...confidential(clientId, ['client_credentials']),
  token_endpoint_auth_method: method,
});

export const clients = [
  web('web'),
  web('relaxed'),
  web('relaxed_refresh'),
  web('activated_devices'),
  web('branch'),
  web('branch_or_office'),
  web('portal'),
  web('unlisted'),
  {
    client_id: 'television',
    token_endpoint_auth_method: 'none',
    application_type: 'native',
    grant_types: [deviceGrant, 'refresh_token'],
    redirect_uris: [],
    response_types: [],
  },
  browserApp('spa'),
  service('service'),
  service('signing_service', 'client_secret_jwt'),
  service('roaming_service'),
  service('ownerless_service'),
];

const trustedBranch = {
  ip_relaxation: 'relax_for_activated_devices',
  trusted_ip_ranges: ['network:branch'],
};

export const policy = {
  ipfence: 1,
  organization: { default_profile: 'office', user_claims: ['preferred_username', 'sub'] },
  networks: { office: ['127.0.1.0/24'], branch: ['127.0.3.0/24'] },
  profiles: {
    office: { login_ip_ranges: ['network:office'] },
    anywhere: { unrestricted: true },
  },
  users: { [users.alice]: 'office', [users.robin]: 'anywhere' },
  apps: {
    web: { ip_relaxation: 'enforce' },
    relaxed: { ip_relaxation: 'relax' },
    relaxed_refresh: { ip_relaxation: 'relax_for_refresh_tokens' },
    activated_devices: { ip_relaxation: 'relax_for_activated_devices' },
    branch: trustedBranch,
    branch_or_office: { ...trustedBranch, trusted_ip_ranges_effect: 'bypass' },
    portal: { ip_relaxation: 'relax', protocols: ['saml'] },
    television: { ip_relaxation: 'enforce' },
    spa: { ip_relaxation: 'enforce' },
    service: { run_as: users.alice },
    signing_service: { run_as: users.alice },
    roaming_service: { run_as: users.robin },
    ownerless_service: {},
  },
};

// The same under continuous enforcement.
export const continuousPolicy = {
  ...policy,
  organization: {
    ...policy.organization,
    continuous_ip_enforcement: true,
    verification_claims: { amr: ['mfa'] },
  },
};

// What the company's nginx says beside the shipped configuration: which of its own pages are what.
const page = (path, kind, more = '') => `
        location = ${path} {
            ipfence ${kind};
            ${more}
            proxy_pass http://provider;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-Proto $scheme;
        }
`;

export const companyServer = [
  page('/account/password', 'password_change'),
  page('/account/second-factors', 'verification_registration'),
  page('/account/welcome', 'login_flow'),
  page(
    '/account/verify',
    'verification',
    'ipfence_verified $upstream_http_x_identity_verified; ipfence_user $upstream_http_x_verified_user;',
  ),
  page('/api', 'resource', `ipfence_jwks jwks.json; ipfence_audience ${api};`),
].join('');

export const companyHttp = '    ipfence_device_cookie ipfence_device key=device.keys;\n';
