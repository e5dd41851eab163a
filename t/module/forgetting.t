# What makes the gate forget: revocation and logout; and what it has revoked itself.

use strict;
use warnings;
use Test::More;
use Time::HiRes qw(sleep);
use IPFence::Gate;
use IPFence::World;

my $gate = gate(
    policy => world(),
    http => 'ipfence_zone zone=tokens:1m; ipfence_session_cookie sid;',
    upstream => 'ipfence_guard; keepalive_requests 1;',    # of two revocations the provider sees which came first
    server => <<'CONF',
        location /token { ipfence token; ipfence_revocation /revoke-withheld; proxy_pass http://provider; }
        location /auth { ipfence authorization; ipfence_revocation /revoke-withheld; proxy_pass http://provider; }
        location /revoke { ipfence revocation; proxy_pass http://provider; }
        location /logout { ipfence logout; proxy_pass http://provider; }
        location /api { ipfence resource; proxy_pass http://provider; }
        location /welcome { ipfence login_flow; proxy_pass http://provider; }
        location = /revoke-withheld { internal; ipfence off; proxy_pass http://provider/revocation; }
CONF
    expected_log => [qr/was not revoked|cannot be judged/],
);

my $count = 0;

sub login {
    my ($app) = @_;
    my $n = ++$count;
    $gate->answers(redirect("https://app.test/cb?code=code-$n", set_cookie('sid', "session-$n")));
    $gate->request(method => 'GET', path => "/auth?client_id=$app");
    $gate->answers(tokens('alice', access_token => "access-$n", refresh_token => "refresh-$n"));
    is($gate->token({grant_type => 'authorization_code', code => "code-$n", client_id => $app})->{status}, 200, "login at $app");
    $gate->answers(page('ok'));
    return $n;
}

sub api { return $gate->request(method => 'GET', path => '/api', headers => [['Authorization', "Bearer access-$_[0]"]])->{status} }

sub welcome { return $gate->request(method => 'GET', path => '/welcome', headers => [['Cookie', "sid=session-$_[0]"]])->{status} }

sub refresh {
    $gate->answers(tokens(undef, access_token => 'new-' . ++$count));
    my $status = $gate->token({grant_type => 'refresh_token', refresh_token => "refresh-$_[0]", client_id => 'refresh'}, from => outside)->{status};
    $gate->answers(page('ok'));
    return $status;
}

subtest 'revocation' => sub {
    my $n = login('refresh');
    is(api($n), 200, 'the token is known');
    $gate->answers(json_answer({error => 'invalid_request'}, '400 Bad Request'));
    $gate->request(path => '/revoke', body => "token=access-$n&client_id=refresh");
    $gate->answers(page('ok'));
    is(api($n), 200, 'a revocation that failed changes nothing');
    is($gate->request(path => '/revoke', body => "token=refresh-$n&token_type_hint=refresh_token")->{status}, 200, 'one that succeeded');
    is(api($n), 403, 'forgets the access token, too');
    is(refresh($n), 400, 'and the refresh token');
    is($gate->request(path => '/revoke', body => 'token=unseen')->{status}, 200, 'an unknown token passes');
    is($gate->request(path => '/revoke', body => 'a=b&a=b')->{status}, 200, 'so does an odd form');
    is(welcome($n), 403, 'the session stays as restricted as it was');
    is($gate->last_audit->{reason}, 'sensitive_operation', 'by the app that it was for');
};

# RFC 7009, section 2.1: with an access token, the provider need not revoke the refresh token.
subtest 'a refresh token that goes on after a revocation' => sub {
    my $n = ++$count;
    $gate->answers(tokens('alice', access_token => "access-$n", refresh_token => "refresh-$n"), page('ok'));
    is($gate->token({grant_type => 'password', username => 'alice', password => 'secret', client_id => 'web'})->{status}, 200, 'a login');
    is(api($n), 200, 'whose token is known');
    $gate->request(path => '/revoke', body => "token=access-$n");
    is(api($n), 403, 'until it is revoked');
    my @new;
    for (1 .. 2) {
        push @new, ++$count;
        $gate->answers(tokens('alice', access_token => "access-$new[-1]", refresh_token => "refresh-$n"));
        is($gate->token({grant_type => 'refresh_token', refresh_token => "refresh-$n", client_id => 'web'})->{status}, 200, 'a refresh');
        $gate->answers(page('ok'));
        is(api($_), 200, 'what it issues is known') for @new;
        is(api($n), 403, 'what was revoked is not');
    }
};

subtest 'logout' => sub {
    my $n = login('web');
    is(welcome($n), 200, 'the session is known');
    my $logout = sub { my ($method, $answer) = @_; $gate->answers($answer); $gate->request(method => $method, path => '/logout', headers => [['Cookie', "sid=session-$n"]], ($method eq 'POST' ? (body => 'logout=yes') : ())); $gate->answers(page('ok')) };
    $logout->('GET', page('Really?'));
    is(welcome($n), 200, 'a page that asks does not log out');
    $logout->('POST', json_answer({error => 'x'}, '500 Oops'));
    is(welcome($n), 200, 'nor does a failure');
    $logout->('POST', redirect('/bye', 'Set-Cookie: sid=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT'));
    is(welcome($n), 403, 'J12: a logout forgets the session');
    is($gate->last_audit->{reason}, 'user_unidentified', 'whoever it was');
    is(api($n), 403, 'and its tokens');

    for my $method ('DELETE', 'PUT') {
        $n = login('web');
        $logout->($method, "HTTP/1.1 204 No Content\r\n\r\n");
        is(welcome($n), 403, "$method is no page that asks");
    }
    $n = login('web');
    $logout->('GET', "HTTP/1.1 304 Not Modified\r\nETag: \"really\"\r\n\r\n");
    is(welcome($n), 200, 'nor does a page that asks and has not changed');
    $logout->('OPTIONS', "HTTP/1.1 204 No Content\r\n\r\n");
    is(welcome($n), 200, 'nor does a preflight');

    # F16: where such an answer came although nobody was logged out (a page that asks, an error, another user's logout, whose
    # cookie is removed), and the cookie comes again, it is still hers.
    for my $case (['POST', page('Really?')], ['GET', redirect('/error')], ['GET', redirect('/bye', 'Set-Cookie: sid=; Path=/; Max-Age=0')]) {
        $n = login('web');
        $logout->(@$case);
        $gate->answers(redirect('https://app.test/cb?code=stolen'));
        is($gate->request(method => 'GET', path => '/auth?client_id=web', from => outside, headers => [['Cookie', "sid=session-$n"]])->{status}, 403, 'a session that was forgotten gets no code outside');
        is($gate->last_audit->{user}, 'alice', 'for her sake');
        is($gate->request(method => 'GET', path => '/auth?client_id=web', headers => [['Cookie', "sid=session-$n"]])->{status}, 303, 'but inside');
    }

    my $m = login('web');
    $gate->answers(redirect('/auth/next', 'Set-Cookie: sid=gone; Max-Age=0; Path=/'));
    $gate->request(method => 'GET', path => '/auth?prompt=login', headers => [['Cookie', "sid=session-$m"]]);
    $gate->answers(page('ok'));
    is(welcome($m), 403, 'an authorization that removes the cookie does, too');
};

# OpenID Connect Core, section 11, and Back-Channel Logout, section 2.7: what is for offline access goes on.
subtest 'logout of an app with offline access' => sub {
    my $n = ++$count;
    $gate->answers(redirect("https://app.test/cb?code=code-$n", set_cookie('sid', "session-$n")));
    $gate->request(method => 'GET', path => '/auth?client_id=refresh');
    $gate->answers(tokens('alice', access_token => "access-$n", refresh_token => "refresh-$n", scope => 'openid offline_access'), page('ok'));
    is($gate->token({grant_type => 'authorization_code', code => "code-$n", client_id => 'refresh'})->{status}, 200, 'a login');
    $gate->answers(redirect('/bye', 'Set-Cookie: sid=; Path=/; Max-Age=0'));
    $gate->request(method => 'POST', path => '/logout', headers => [['Cookie', "sid=session-$n"]]);
    $gate->answers(page('ok'));
    is(welcome($n), 403, 'the session is forgotten');
    is($gate->last_audit->{reason}, 'user_unidentified', 'whoever it was');
    is(api($n), 200, 'not its tokens');
    is(refresh($n), 200, 'nor that its app is relaxed for refresh tokens');
    my $line = ($gate->audit)[-1];
    is("$line->{phase} $line->{reason} $line->{user}", 'request refresh_token alice', 'as is known before the provider is asked');
    is($gate->request(path => '/revoke', body => "token=refresh-$n&client_id=refresh")->{status}, 200, 'a revocation');
    is(api($n), 403, 'forgets them');
};

# An app that renews its tokens in the browser authorizes in the same session over and over.
subtest 'logout after many logins' => sub {
    my @logins = login('web');
    my $session = "sid=session-$logins[0]";
    for (1 .. 40) {
        my $n = ++$count;
        $gate->answers(redirect("https://app.test/cb?code=code-$n"));
        $gate->request(method => 'GET', path => '/auth?client_id=web', headers => [['Cookie', $session]]);
        $gate->answers(tokens('alice', access_token => "access-$n", refresh_token => "refresh-$n"));
        $gate->token({grant_type => 'authorization_code', code => "code-$n", client_id => 'web'});
        push @logins, $n;
    }
    $gate->answers(page('ok'));
    is(scalar(grep { api($_) == 200 } @logins), 41, 'all tokens are known');
    is(welcome($logins[0]), 200, 'and the session');
    $gate->answers(redirect('/bye', 'Set-Cookie: sid=; Path=/; Max-Age=0'));
    $gate->request(method => 'POST', path => '/logout', headers => [['Cookie', $session]]);
    $gate->answers(page('ok'));
    is(scalar(grep { api($_) == 200 } @logins), 0, 'J12: none is after it');
};

# Of logins that are alike one decides, as long as they are.
subtest 'one of many logins is refreshed' => sub {
    $gate->write_policy(world(sensitive_operations => 'block_relaxed_sessions'));
    my @logins = login('refresh');
    my $session = "sid=session-$logins[0]";
    for (1 .. 17) {
        my $n = ++$count;
        $gate->answers(redirect("https://app.test/cb?code=code-$n"));
        $gate->request(method => 'GET', path => '/auth?client_id=refresh', headers => [['Cookie', $session]]);
        $gate->answers(tokens('alice', access_token => "access-$n", refresh_token => "refresh-$n"));
        $gate->token({grant_type => 'authorization_code', code => "code-$n", client_id => 'refresh'});
        push @logins, $n;
    }
    $gate->answers(page('ok'));
    ok(wait_for(sub { welcome($logins[0]) == 200 }), 'none was refreshed');
    is(refresh($logins[0]), 200, 'a refresh');
    is(welcome($logins[0]), 403, 'makes it a relaxed session');
    is($gate->last_audit->{reason}, 'sensitive_operation', 'which changes nothing sensitive');
};

sub requests_of_revocation {
    my @seen;
    for (1 .. 100) {
        push @seen, grep { m{\APOST /revocation} } $gate->provider_saw;
        last if @seen >= $_[0];
        sleep 0.02;
    }
    return @seen;
}

subtest 'what was withheld is revoked' => sub {
    $gate->provider_saw;
    $gate->answers(tokens('alice', access_token => 'with held', refresh_token => 'withheld+refresh'), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    my $denied = $gate->token({grant_type => 'authorization_code', code => 'x', client_id => 'web', client_secret => 's&cret'}, from => outside);
    is(json_error($denied), '400 invalid_grant: ip restricted', 'denied');
    my @seen = requests_of_revocation(2);
    is(scalar @seen, 2, 'I11: two tokens are revoked');
    like($seen[0], qr/token=withheld%2Brefresh&token_type_hint=refresh_token&client_id=web&client_secret=s%26cret\z/, 'the refresh token first, in the client\'s name');
    like($seen[1], qr/token=with%20held&token_type_hint=access_token&client_id=web&client_secret=s%26cret\z/, 'then the access token');

    $gate->answers(tokens('alice', access_token => 'basic'), json_answer({error => 'x'}, '503 Busy'));
    $gate->token({grant_type => 'authorization_code', code => 'y'}, from => outside, headers => [basic('web', 'secret')]);
    my ($with_basic) = requests_of_revocation(1);
    like($with_basic, qr/\r\nAuthorization: Basic d2ViOnNlY3JldA==\r\n/, 'a client\'s own authentication is passed on');
    for (1 .. 100) { last if $gate->error_log =~ /was not revoked/; sleep 0.02 }
    my $log = $gate->error_log;
    like($log, qr/the withheld refresh token was revoked/, 'success is logged');
    like($log, qr/the withheld access token was not revoked \(status 503\)/, 'I12: failure is logged');
    unlike($log, qr/with held|withheld\+refresh|with%20held/, 'no token is');

    $gate->answers(redirect('https://app.test/cb#access_token=front&id_token=' . jwt({sub => 'alice', aud => 'web'})), page('ok'));
    is($gate->request(method => 'GET', path => '/auth?client_id=web', from => outside)->{status}, 403, 'tokens of a redirect');
    my ($front) = requests_of_revocation(1);
    like($front, qr/token=front&token_type_hint=access_token&client_id=web\z/, 'are revoked, too');
};

subtest 'what was withheld is revoked as far as it can be told, where the rest cannot be read' => sub {
    $gate->provider_saw;
    my $twice = jwt('{"sub":"alice","sub":"bob"}');
    for my $case (['an ID token with two readings', {id_token => $twice, refresh_token => 'r'}, 2], ['an ID token that is none', {id_token => 1, refresh_token => 'r'}, 2],
        ['a refresh token that is none', {refresh_token => {}}, 1]) {
        my ($what, $issued, $revocations) = @$case;
        $gate->answers(json_answer({access_token => 'a', %$issued}), map { page('ok') } 1 .. $revocations);
        is($gate->token({grant_type => 'authorization_code', code => 'x', client_id => 'web'})->{status}, 502, "$what: nobody gets it");
        my @seen = requests_of_revocation($revocations);
        is(scalar @seen, $revocations, "$what: what the provider issued beside it is revoked");
        like($seen[-1], qr/token=a&token_type_hint=access_token&client_id=web\z/, "$what: the access token");
    }
    for my $case (['an ID token with two readings', $twice, '502', 'web'], ['an ID token of another app', jwt({sub => 'alice', aud => 'relaxed'}), '403', 'relaxed']) {
        my ($what, $id_token, $status, $client) = @$case;
        $gate->answers(redirect("https://app.test/cb#access_token=f&id_token=$id_token"), page('ok'));
        is($gate->request(method => 'GET', path => '/auth?client_id=web')->{status}, $status, "$what in a redirect: nobody gets it");
        my ($seen) = requests_of_revocation(1);
        like($seen // '', qr/token=f&token_type_hint=access_token&client_id=$client\z/, "$what in a redirect: the access token is revoked");
    }
};

subtest 'and where the answer breaks off behind it, or is too large' => sub {
    push @{$gate->{expected_log}}, qr/upstream prematurely closed/;
    my $answer = '{"access_token":"a","refresh_token":"r"}';
    my %ends = (
        'a length' => "Content-Length: 500\r\n\r\n$answer", 'no last chunk' => sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", length $answer, $answer),
    );
    for my $what (sort keys %ends) {
        $gate->answers("HTTP/1.1 200 OK\r\nConnection: close\r\n$ends{$what}", map { page('ok') } 1, 2);
        is($gate->token({grant_type => 'authorization_code', code => 'x', client_id => 'web'})->{status}, 502, "$what: nobody gets it");
        is($gate->last_audit->{reason}, 'response_incomplete', "$what: as it is not whole");
        like(join("\n", requests_of_revocation(2)), qr/token=r&.*token=a&/s, "$what: both are revoked");
    }
    $gate->answers("HTTP/1.1 303 See Other\r\nConnection: close\r\nLocation: https://app.test/cb#access_token=f\r\nContent-Length: 5\r\n\r\nx", page('ok'));
    is($gate->request(method => 'GET', path => '/auth?client_id=web')->{status}, 502, 'a redirect: nobody gets it');
    like((requests_of_revocation(1))[0] // '', qr/token=f&/, 'a redirect: the access token is revoked');
    $gate->answers("HTTP/1.1 303 See Other\r\nLocation: https://app.test/cb#access_token=l\r\nContent-Length: 70000\r\n\r\n" . 'x' x 70_000, page('ok'));
    is($gate->request(method => 'GET', path => '/auth?client_id=web')->{status}, 502, 'a redirect that is too large: nobody gets it');
    is($gate->last_audit->{reason}, 'response_too_large', 'a redirect that is too large: for what it is');
    like((requests_of_revocation(1))[0] // '', qr/token=l&/, 'a redirect that is too large: the access token is revoked');
    $gate->answers("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 500\r\n\r\n" . substr $answer, 0, 30);
    is($gate->token({grant_type => 'authorization_code', code => 'x', client_id => 'web'})->{status}, 502, 'within a token');
    $gate->audit;
};

subtest 'a keep-alive connection goes on after it' => sub {
    $gate->answers(tokens('alice', access_token => 'k', refresh_token => 'r'), page('ok'), page('ok'), tokens('alice', access_token => 'k2'));
    my $request = sub { my ($body) = @_; "POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${\ length $body}\r\n\r\n$body" };
    my @responses = $gate->send_raw($request->('grant_type=authorization_code&code=1&client_id=web') . $request->('grant_type=authorization_code&code=2&client_id=relaxed'), from => outside, count => 2);
    is(join(' ', map { $_->{status} } @responses), '400 200', 'each request has its own answer');
};

$gate->finish;
done_testing;
