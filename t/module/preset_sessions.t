# Sessions that pages of a provider begin or replace beside its endpoints: whose they are must not be shaken off there by
# who has stolen a cookie.

use strict;
use warnings;
use Test::More;
use IPFence::Gate;
use IPFence::World;

my $root = (__FILE__ =~ s{t/module/[^/]+\z}{}r) || '.';

sub gate_before {
    my ($preset) = @_;
    return gate(
        policy => world(),
        http => 'ipfence_zone zone=tokens:1m;' . IPFence::Gate::read_whole("$root/conf/providers/$preset.conf"),
        server => 'ipfence $ipfence_kind; location / { proxy_pass http://provider; }',
    );
}

my $count = 0;

# The status of an authorization request outside, by the cookie that a page has given out in a session of alice.
sub code_outside {
    my ($gate, $authorize, $token, $page, $cookie, $new_cookie) = @_;
    my ($code, $new) = ('code-' . ++$count, "new-$count");
    $gate->answers(redirect("https://app.test/cb?code=$code", set_cookie($cookie, "session-$count")));
    $gate->request(method => 'GET', path => "$authorize?client_id=web");
    $gate->answers(tokens('alice', access_token => "access-$count"));
    is($gate->token({grant_type => 'authorization_code', code => $code, client_id => 'web'}, path => $token)->{status}, 200, 'a login');
    $gate->answers(page('ok', set_cookie($new_cookie // $cookie, $new)));
    is($gate->request(method => 'GET', path => $page, from => outside, headers => [['Cookie', "$cookie=session-$count"]])->{status}, 200, "$page passes");
    $gate->answers(redirect("https://app.test/cb?code=stolen-$count"));
    my $name = $new_cookie // $cookie;
    return $gate->request(method => 'GET', path => "$authorize?client_id=web", from => outside, headers => [['Cookie', "$name=$new"]])->{status};
}

subtest 'Zitadel, which seals its cookie anew with every answer' => sub {
    my $gate = gate_before('zitadel');
    for my $page (qw(/.well-known/openid-configuration /oauth/v2/keys /oauth/v2/nothing /oidc/v1/nothing /saml/v2/metadata /ui/login/login /ui/login/userselection)) {
        is(code_outside($gate, '/oauth/v2/authorize', '/oauth/v2/token', $page, '__Host-zitadel.useragent'), 403, 'a session that has been there stays the one that it was');
    }
    $gate->audit;
    $gate->request(method => 'GET', path => $_, from => outside) for '/ui/console/', '/ui/login/resources/themes/zitadel.css';
    is(scalar(() = $gate->audit), 0, 'files are not looked at');
    $gate->finish;
};

subtest 'Keycloak, which signs its cookie anew with every login in a session' => sub {
    my $gate = gate_before('keycloak');
    my $endpoint = '/realms/main/protocol/openid-connect';
    for my $page (map { "/realms/main/$_" } qw(protocol/saml protocol/saml/clients/intranet device login-actions/restart broker/google/login nothing)) {
        is(code_outside($gate, "$endpoint/auth", "$endpoint/token", $page, 'KEYCLOAK_IDENTITY'), 403, 'a session that has been there stays the one that it was');
    }
    is(code_outside($gate, "/auth$endpoint/auth", "/auth$endpoint/token", '/auth/realms/main/protocol/saml', 'KEYCLOAK_IDENTITY'), 403, 'nor is it another below /auth');
    $gate->audit;
    $gate->request(method => 'GET', path => $_, from => outside) for '/resources/x/login.css', "$endpoint/certs", '/realms/main/.well-known/openid-configuration';
    is(scalar(() = $gate->audit), 0, 'files and keys are not looked at');
    $gate->finish;
};

subtest 'GitLab, where any page signs in who asked to be remembered' => sub {
    my $gate = gate_before('gitlab');
    for my $page (qw(/ /group/project /api/v4/user)) {
        is(code_outside($gate, '/oauth/authorize', '/oauth/token', $page, 'remember_user_token', '_gitlab_session'), 403, 'the session that begins is that of the same user');
    }
    $gate->audit;
    $gate->request(method => 'GET', path => '/group/project', from => outside, headers => [['Cookie', '_gitlab_session=x']]);
    is(scalar(() = $gate->audit), 0, 'pages without that cookie are not looked at');
    $gate->finish;
};

done_testing;
