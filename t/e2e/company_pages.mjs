// What a company has beside its provider, at the same place and with the provider's own sessions: pages for
// passwords and second factors, and an API.

import { users } from './world.mjs';

const pages = {
  '/account/password': 'Your password was changed.',
  '/account/second-factors': 'Your second factor was registered.',
  '/account/welcome': 'Welcome.',
};

async function servePage(context, account) {
  context.status = account ? 200 : 401;
  context.body = account ? pages[context.path] : 'Sign in first.';
}

// A second factor, which always succeeds. The gate learns from two headers whose it was.
async function verify(context, account) {
  context.status = account ? 200 : 401;
  if (account) context.set({ 'X-Identity-Verified': '1', 'X-Verified-User': users[account] });
  context.body = account ? 'You are you.' : 'Sign in first.';
}

async function serveApi(provider, context) {
  const token = context.get('authorization').replace(/^(Bearer|DPoP) /, '');
  const isKnown = token.includes('.') || (await provider.AccessToken.find(token));
  context.status = isKnown ? 200 : 401;
  context.body = isKnown ? { data: 'secret' } : { error: 'invalid_token' };
}

export const companyPages = (provider) => async (context, next) => {
  if (context.path === '/api') return serveApi(provider, context);
  if (!context.path.startsWith('/account/')) return next();
  const session = await provider.Session.get(context);
  return context.path === '/account/verify'
    ? verify(context, session.accountId)
    : servePage(context, session.accountId);
};
