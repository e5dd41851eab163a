# The maps for known providers: each is taken by nginx, guards its token endpoint in whatever spelling, and lets the rest pass.

use strict;
use warnings;
use File::Basename qw(basename dirname);
use Test::More;
use IPFence::Gate;
use IPFence::World;

my $root = (__FILE__ =~ s{t/module/[^/]+\z}{}r) || '.';

# The token endpoint of each, and a page of a kind of its own.
my %endpoints = (
    'authelia' => ['/api/oidc/token', '/api/change-password', 'password_change'],
    'authentik' => ['/application/o/token/', '/api/v3/core/users/1/set_password/', 'password_change'],
    'dex' => ['/dex/token', '/dex/mfa/webauthn/register/begin', 'verification_registration'],
    'gitlab' => ['/oauth/token', '/-/user_settings/password', 'password_change'],
    'glewlwyd' => ['/api/oidc/token', '/api/profile/password', 'password_change'],
    'hydra' => ['/oauth2/token', '/userinfo', 'resource'],
    'keycloak' => ['/realms/main/protocol/openid-connect/token', '/realms/main/account/credentials/x', 'password_change'],
    'lemonldap-ng' => ['/oauth2/token', '/2fregisters/totp', 'verification_registration'],
    'oidc-provider' => ['/token', '/me', 'resource'],
    'okta' => ['/oauth2/default/v1/token', '/api/v1/users/1/factors', 'verification_registration'],
    'zitadel' => ['/oauth/v2/token', '/v2/users/1/password', 'password_change'],
);

# Where else tokens are handed out, where a login leads back to the app, and what else has more than one name.
my %more_endpoints = (
    'authelia' => {
        '/api/oidc/authorize' => 'authorization',
        '/api/oidc/authorization' => 'authorization',
        '/api/oidc/revoke' => 'revocation',
        '/api/secondfactor/totp' => 'verification',
        'DELETE /api/secondfactor/totp' => 'verification_registration',
    },
    'authentik' => {
        '/api/v3/core/brands/' => 'resource',
        '/api/v3/core/users/1/recovery_email/' => 'password_change',
        '/login/oauth/access_token' => 'token',
        '/login/oauth/authorize?response_type=code' => 'authorization',
        '/application/o/authorize/?client_id=x&response_type=code&scope=a%20b' => 'authorization',
        '/user' => 'resource',
        '/user/teams' => 'resource',
    },
    'keycloak' => {
        '/realms/main/broker/google/token' => 'resource',
        '/realms/main/protocol/oid4vc/credential' => 'resource',
        '/realms/main/protocol/docker-v2/auth?service=registry' => 'refuse',
        '/auth/realms/main/protocol/docker-v2/auth' => 'refuse',
        '/realms/main/broker/google/endpoint' => 'authorization',
        '/realms/main/broker/google/link?client_id=web&nonce=n&hash=h' => 'verification_registration',
        '/auth/realms/main/broker/google/link' => 'verification_registration',
        '/realms/main/broker/after-first-broker-login' => 'authorization',
        '/auth/realms/main/broker/after-post-broker-login' => 'authorization',
    },
    'okta' => {
        '/oauth2/default/v1/par' => 'off',
        '/oauth2/v1/authorize/callback?state=x&code=of-another' => 'authorization',
        '/idp/idx/credential/enroll' => 'verification_registration',
        '/idp/myaccount/phones' => 'verification_registration',
        '/idp/myaccount/emails/1/challenge' => 'verification_registration',
        '/idp/myaccount/app-authenticators' => 'verification_registration',
        '/oauth2/default/v1/authorize/redirect' => 'authorization',
        '/oauth2/v1/authorize/redirect' => 'authorization',
        '/login/token/redirect' => 'authorization',
        '/login/sessionCookieRedirect' => 'authorization',
    },
    'zitadel' => {
        '/ui/v2/login/login?requestId=oidc_1&sessionId=2' => 'authorization',
        '/oauth/v2/authorize/callback?id=1' => 'authorization',
        '/zitadel.user.v2.UserService/PasswordReset' => 'password_change',
        '/zitadel.user.v2.UserService/SetPassword' => 'password_change',
        '/zitadel.auth.v1.AuthService/UpdateMyPassword' => 'password_change',
        '/auth/v1/users/me/password' => 'password_change',
        '/zitadel.management.v1.ManagementService/SetHumanInitialPassword' => 'password_change',
        '/management/v1/users/1/password/_initialize' => 'password_change',
        '/zitadel.user.v2.UserService/RegisterTOTP' => 'verification_registration',
        '/zitadel.user.v2.UserService/VerifyU2FRegistration' => 'verification_registration',
        '/zitadel.user.v2.UserService/AddOTPSMS' => 'verification_registration',
        '/zitadel.auth.v1.AuthService/AddMyAuthFactorOTP' => 'verification_registration',
        '/zitadel.auth.v1.AuthService/AddMyPasswordless' => 'verification_registration',
        '/auth/v1/users/me/auth_factors/otp' => 'verification_registration',
        '/auth/v1/users/me/passwordless' => 'verification_registration',
        '/ui/login/mfa/init/u2f/verify' => 'verification_registration',
        '/ui/login/login/passwordless/init' => 'verification_registration',
        '/auth/v1/users/me/auth_factors/_search' => 'resource',
        'PUT /v2/users/human/1' => 'password_change',
        'PUT /v2beta/users/human/1' => 'password_change',
        'PATCH /v2/users/1' => 'password_change',
        'POST /v2/users/1' => 'password_change',
        'GET /v2/users/1' => 'off',
        'POST /v2/users/human' => 'off',
        '/zitadel.user.v2.UserService/UpdateHumanUser' => 'password_change',
        '/zitadel.user.v2.UserService/UpdateUser' => 'password_change',
        '/v2/users/1/links' => 'verification_registration',
        'DELETE /v2/users/1/links/google/2' => 'verification_registration',
        '/zitadel.user.v2.UserService/AddIDPLink' => 'verification_registration',
        'POST /v2/users/1/links/_search' => 'off',
        '/zitadel.user.v2.UserService/ListPasskeys' => 'off',
        '/zitadel.auth.v1.AuthService/GetMyPasswordComplexityPolicy' => 'resource',
        '/zitadel.management.v1.ManagementService/ListUsers' => 'resource',
    },
    'hydra' => {
        '/oauth2/sessions/logout?id_token_hint=x' => 'off',
        '/oauth2/sessions/logout?logout_verifier=x' => 'logout',
        '/credentials' => 'resource',
    },
    'oidc-provider' => {
        '/session/end?client_id=web' => 'off',
        '/session/end/confirm' => 'authorization',
        '/device/auth' => 'off',
        '/credential' => 'resource',
        '/device/Ab3_-' => 'authorization',
    },
    'lemonldap-ng' => {
        '/oauth2' => 'authorization',
        '/index.psgi/oauth2/' => 'authorization',
        '/oauth2/authorizes' => 'authorization',
        '/oauth2/JWKS' => 'authorization',
        '/oauth2/jwks' => 'off',
        '/oauth2/checksession.html' => 'off',
        '/oauth2/checksession' => 'authorization',
        '/oauth2/logout' => 'logout',
        '/cas/login?service=x' => 'authorization',
        '/saml/singleSignOn' => 'authorization',
        '/saml/metadata' => 'off',
    },
    'dex' => {
        '/token' => 'token',
        '/dex/device/token' => 'token',
        '/dex/token/introspect' => 'off',
        '/dex/auth' => 'authorization',
        '/auth/ldap/login?back=&state=x' => 'authorization',
        '/dex/callback?code=of-another&state=x' => 'authorization',
        '/dex/callback/authproxy' => 'authorization',
        '/dex/approval?req=x&hmac=y' => 'authorization',
        '/dex/device/callback?code=x&state=y' => 'authorization',
        '/dex/device/auth/verify_code' => 'authorization',
        '/dex/mfa/totp?req=x' => 'verification',
        '/dex/userinfo' => 'resource',
        '/dex/logout' => 'logout',
        '/dex/keys' => 'off',
    },
    'gitlab' => {
        '/oauth/authorize?client_id=web&response_type=code' => 'authorization',
        '/oauth/authorize/native?code=x' => 'authorization',
        '/oauth/authorize_device' => 'authorization',
        '/oauth/token/info' => 'resource',
        '/oauth/introspect' => 'off',
        '/oauth/discovery/keys' => 'off',
        '/users/sign_out' => 'logout',
        '/users/sign_in' => 'off',
        '/users/john.doe' => 'off',
        '/login/oauth/access_token' => 'refuse',
        '/-/jira/login/oauth/access_token.json' => 'refuse',
        '/jwt/auth?service=container_registry' => 'refuse',
        '/-/profile/password/reset' => 'password_change',
        '/-/profile/password.json' => 'password_change',
        '/users/password/edit?reset_password_token=x' => 'password_change',
        '/admin/users/7/impersonate' => 'password_change',
        '/-/profile/two_factor_auth/create_webauthn' => 'verification_registration',
        '/-/profile/passkeys/new' => 'verification_registration',
        '/-/user_settings/personal_access_tokens' => 'resource',
        '/profile/personal_access_tokens' => 'resource',
        '/oauthlib/code/-/compare/main...next%3Btwo' => 'off',
        '/group/project/-/blob/main/a%20%C3%A9%23%25;b' => 'off',
        '/api/v4/projects/group%2Fproject' => 'off',
    },
    'glewlwyd' => {
        '/api/oidc/end_session?id_token_hint=x' => 'off',
        '/api/oidc/session/x' => 'logout',
        '/api/oidc/mtls/revoke' => 'revocation',
        '/api/oidc/mtls/par' => 'off',    # RFC 9126, section 3: what is pushed may name its client by Basic and request object alone
    },
);

# What the pages of a login ask for in a session that is nobody's yet, by its cookie.
my %of_login = (
    'authelia' => ['authelia_session', '/api/user/info', '/api/user/info/2fa_method'],
    'zitadel' => ['zitadel.useragent', '/ui/login/mfa/prompt'],
    'authentik' => ['authentik_session', '/api/v3/core/brands/current/', '/api/v3/core/tenants/current/'],
);

# Where there is more than one.
my %sessions = (
    'gitlab' => ['_gitlab_session', 'remember_user_token'],
    'oidc-provider' => ['_session', '_session.legacy'],
    'lemonldap-ng' => ['lemonldap', 'lemonldaphttp'],
    'zitadel' => ['zitadel.useragent', '__Host-zitadel.useragent', '__Secure-zitadel.useragent'],
);

# Whose access tokens are taken out of bodies that are no forms.
my %bodies = (
    'authelia' => [['/api/oidc/userinfo', 'multipart/form-data; boundary=x']],
    'authentik' => [['/application/o/userinfo/', 'multipart/form-data; boundary=x'], ['/user/teams', 'Multipart/Form-Data; boundary=x']],
    'gitlab' => [['/oauth/userinfo', 'multipart/form-data; boundary=x'], ['/oauth/token/info', 'application/json']],
    'hydra' => [['/userinfo', 'multipart/form-data; boundary=x']],
);

my %presets = map { basename($_, '.conf') => $_ } glob "$root/conf/providers/*.conf";
is_deeply([sort keys %presets], [sort keys %endpoints], 'each map is tried here');

# Ways to write a path that some server takes for it.
sub spellings {
    my ($path) = @_;
    my $bare = $path =~ s{/\z}{}r;
    (my $last = $bare) =~ s{.*/}{};
    my $before = substr $bare, 0, length($bare) - length $last;
    my $escaped = sprintf '%%%02x', ord $last;
    return (
        uc $bare, "$bare/", "$bare//", "$bare.", "$bare./", "$bare;x", "$bare;/", "$bare%00", "$bare%20", "$bare%0a", "$bare%3f", "$bare%23",
        "$bare.json", "$bare/.", "$bare/x/..", "/x/..$bare", "/.$bare", "/$bare", "//x$bare", "$before/$last", "${before}.\/$last",
        "$before$escaped" . substr($last, 1), $before . '%25' . substr($escaped, 1) . substr($last, 1), "\\$last", "$before\\..\\$last",
        substr($bare, 0, length($before) - 1) . "%2f$last", substr($bare, 0, length($before) - 1) . "%5c$last",
        substr($bare, 0, length($before) - 1) . "\\$last", "/x/%2e%2e$bare", "$bare?x=1", "$bare#x",
    );
}

for my $preset (sort keys %endpoints) {
    my ($token, $page, $kind) = @{$endpoints{$preset}};
    my $gate = gate(
        policy => world(),
        expected_log => [qr/which is no kind/],
        http => IPFence::Gate::read_whole($presets{$preset}),
        server => 'ipfence $ipfence_kind; ipfence_user $http_x_user; add_header X-Kind $ipfence_kind always; location / { proxy_pass http://provider; }',
    );
    my %alice = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');
    subtest $preset => sub {
        is($gate->token(\%alice, path => $token)->{status}, 200, 'a login from inside');
        is($gate->token(\%alice, path => $token, from => outside)->{status}, 400, 'and from outside');
        $gate->provider_saw;
        $gate->audit;
        for my $spelling (spellings($token)) {
            my $response = $gate->token(\%alice, path => $spelling, from => outside);
            my @saw = $gate->provider_saw;
            my $line = $gate->last_audit;
            # What is another path to every server may pass; what nginx takes for the endpoint may not.
            ok(!@saw, sprintf '%s: %s', $spelling =~ s/[^ -~]/?/gr, $response ? $response->{status} : 'closed')
                or diag "kind " . ($line->{kind} // '-');
        }
        $gate->request(method => 'GET', path => $page, from => outside, headers => [['X-User', 'alice']]);
        is($gate->last_audit->{kind}, $kind, "$page is a $kind");
        my $more = $more_endpoints{$preset} // {};
        for my $path (sort keys %$more) {
            $gate->answers(redirect('https://app.test/cb?code=x')) if $more->{$path} eq 'authorization';
            my ($method, $target) = $path =~ m{\A(?:([A-Z]+) )?(.*)};
            my $response = $gate->request(method => $method // 'GET', path => $target, headers => [['X-User', 'alice']]);
            is((IPFence::Http::header($response, 'X-Kind'))[0], $more->{$path}, "$path is a $more->{$path}");
            $gate->answers(json_answer({access_token => 'opaque'}));
        }
        my ($cookie, @of_login) = @{$of_login{$preset} // []};
        for my $path (@of_login) {
            my $response = $gate->request(method => 'GET', path => $path, headers => [['Cookie', "$cookie=begun"]]);
            is($response->{status}, 200, "a login that asks for $path goes on");
        }
        $gate->provider_saw;
        is($gate->request(method => 'GET', path => '/static/app.js', from => outside)->{status}, 200, 'what is nobody\'s passes');
        for my $cookie (@{$sessions{$preset} // []}) {
            $gate->request(method => 'GET', path => $page, headers => [['Cookie', "$cookie=unknown"]]);
            is($gate->last_audit->{reason}, 'user_unidentified', "$cookie is a credential");
        }
        for my $case (@{$bodies{$preset} // []}) {
            my ($path, $type) = @$case;
            $gate->provider_saw;
            is($gate->request(path => $path, from => outside, body => 'access_token', headers => [['Content-Type', $type]])->{status}, 403, "$path: a token in $type would not be seen");
            is(scalar(() = $gate->provider_saw), 0, 'not forwarded');
            is($gate->request(path => $path, body => 'a=b', headers => [['Content-Type', 'application/x-www-form-urlencoded']])->{status}, 200, "$path: in a form, it is");
        }
        if ($preset eq 'authentik') {
            for my $case (
                ['GET', 'response_type=id_token%20token'], ['GET', 'response_type=code+id_token'], ['GET', 'response_type=code&response_type=token'],
                ['GET', 'response_type=token&response_type=code'], ['GET', 'response_type=code&response%5Ftype=token'], ['GET', 'client_id=web'],
                ['POST', 'response_type=code'],
            ) {
                my ($method, $query) = @$case;
                $gate->provider_saw;
                is($gate->request(method => $method, path => "/application/o/authorize/?$query")->{status}, 403, "$method $query: tokens would not be decided");
                is(scalar(() = $gate->provider_saw), 0, "$method $query: not forwarded");
            }
        }
        if ($preset eq 'gitlab') {
            $gate->answers(redirect('https://app.test/cb?code=x'));
            my $authorize = sub { return $gate->request(path => '/oauth/authorize', body => $_[0], headers => [['Content-Type', $_[1]]])->{status} };
            my $form = 'application/x-www-form-urlencoded';
            is($authorize->('client_id=web&response_type=code', $form), 303, 'an app that is approved');
            is($authorize->('_method=delete&client_id=web', $form), 303, 'and one that is not');
            is($authorize->('{"client_id":"web"}', $_), 403, "$_: its parameters would not be seen") for 'application/json', 'text/x-json; charset=utf-8';
        }
        if ($preset eq 'lemonldap-ng') {
            is($gate->request(body => 'newpassword=x', path => '/', from => outside, headers => [['X-User', 'alice']])->{status}, 403,
                'a form with a new password is one wherever it goes');
        }
    };
    $gate->finish;
}

done_testing;
