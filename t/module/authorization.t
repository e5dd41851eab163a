# The authorization endpoint: what redirects and form_post pages hand out is decided and remembered.

use strict;
use warnings;
use JSON::PP;
use Test::More;
use IPFence::Gate;
use IPFence::Http;
use IPFence::World;

my $gate = gate(
    policy => world(),
    http => 'ipfence_zone zone=tokens:1m; ipfence_session_cookie sid sid2;',
    server => <<'CONF',
        location /token { ipfence token; proxy_pass http://provider; }
        location /auth { ipfence authorization; proxy_pass http://provider; }
        location /named { ipfence authorization; ipfence_user $upstream_http_x_user; proxy_pass http://provider; }
        location /paged { ipfence authorization; error_page 403 /sorry; proxy_pass http://provider; }
        location = /sorry { internal; return 403 "sorry page\n"; }
        location /monitored { ipfence authorization; ipfence_mode monitor; proxy_pass http://provider; }
        location /password { ipfence password_change; proxy_pass http://provider; }
        location /api { ipfence resource; proxy_pass http://provider; }
CONF
    expected_log => [qr/cannot be judged/],
);

my $count = 0;
my $html = ['Accept', 'text/html,application/xhtml+xml,*/*;q=0.8'];

sub authorize {
    my ($query, %with) = @_;
    my @cookie = $with{cookie} ? ['Cookie', delete $with{cookie}] : ();
    return $gate->request(method => 'GET', path => ($with{at} // '/auth') . "?$query", headers => [$html, @cookie], %with);
}

sub exchange {
    my ($app, $code, $from, $user) = @_;
    $gate->answers(tokens($user // 'alice', access_token => 'access-' . ++$count, refresh_token => "refresh-$count"));
    return $gate->token({grant_type => 'authorization_code', code => $code, client_id => $app}, from => $from // inside)->{status};
}

sub location { return (IPFence::Http::header($_[0], 'Location'))[0] }

subtest 'a code passes, and is known when it is exchanged' => sub {
    $gate->answers(redirect('https://app.test/cb?code=code-1&state=x&iss=https%3A%2F%2Fid.test'));
    my $response = authorize('response_type=code&client_id=web', from => outside);
    is($response->{status}, 303, 'a user who is not known yet goes on');
    is(location($response), 'https://app.test/cb?code=code-1&state=x&iss=https%3A%2F%2Fid.test', 'unchanged');
    is_deeply([@{$gate->last_audit}{qw(reason app operation)}], ['user_undetermined', 'web', undef], 'audited as such, with the app that asks');
    is(exchange('relaxed', 'code-1'), 400, 'F06: another app cannot exchange it');
    is($gate->last_audit->{reason}, 'app_mismatch', 'which is a mismatch');
    is(exchange('web', 'code-1'), 200, 'its own can');
};

subtest 'a session cookie becomes known when its code is exchanged' => sub {
    my $change = sub { return $gate->request(method => 'POST', path => '/password', from => $_[1] // inside, headers => [$html, ['Cookie', "sid=$_[0]"]], body => 'new=1') };
    $gate->answers(redirect('https://app.test/cb?code=code-2', set_cookie('sid', 'session-2')));
    authorize('response_type=code&client_id=web');
    is($change->('session-2')->{status}, 403, 'before: nobody knows the user');
    is($gate->last_audit->{reason}, 'user_unidentified', 'and says so');
    is(exchange('web', 'code-2'), 200, 'exchanged');
    $gate->answers(page('changed'));
    is($change->('session-2')->{status}, 200, 'after: alice may, inside');
    my $line = $gate->last_audit;
    is("$line->{user} $line->{app} $line->{operation} $line->{flow} $line->{reason}", 'alice web password_change web_server login_ip_range', 'audited');
    is($change->('session-2', outside)->{status}, 403, 'not outside');
    is($change->('unseen')->{status}, 403, 'a cookie that nobody saw identifies nobody');
    is($gate->request(path => '/password', from => outside, headers => [$html, ['Cookie', "$_=session-2"]], body => 'new=1')->{status}, 403, "J05: nor does $_")
        for 'SID', '%73id', 'sid%32', 'sid[]';
    is($gate->request(method => 'GET', path => '/password', from => outside, headers => [$html])->{status}, 200, 'no credential passes');

    $gate->answers(redirect('https://app.test/cb?code=code-2b'));
    authorize('response_type=code&client_id=relaxed', cookie => 'sid=session-2');
    is(exchange('relaxed', 'code-2b'), 200, 'a relaxed app joins the session');
    $gate->answers(page('changed'));
    is($change->('session-2')->{status}, 403, 'which is as restricted as that app from now on');
    is($gate->last_audit->{reason}, 'sensitive_operation', 'a sensitive operation');

    $gate->answers(redirect('/next', set_cookie('sid', 'session-2-rotated')));
    authorize('prompt=none&client_id=web', cookie => 'sid=session-2');
    is($change->('session-2-rotated')->{status}, 403, 'a cookie that replaces it is as restricted');
    is($gate->last_audit->{reason}, 'sensitive_operation', 'for the same reason');

    my $known = authorize('response_type=code&client_id=web', cookie => 'sid=session-2', from => outside);
    is($known->{status}, 403, 'the session\'s user is known: a login from outside is denied at once');
    is($gate->last_audit->{phase}, 'request', 'from the request');
    $gate->answers(page('Log in'));
    is(authorize('response_type=code&client_id=web&prompt=login', cookie => 'sid=session-2', from => outside)->{status}, 200,
        'but not where the provider is to ask who it is: it may be somebody else');
};

# Each request is decided for the address that it comes from (semantics.md): the login at the browser's where the session says
# whose it is, the exchange at that of the app's server. An app whose server is elsewhere needs that server in its users' ranges.
subtest 'a code is started here and redeemed there' => sub {
    my $start = sub {
        my ($code, $from, %with) = @_;
        $gate->answers(redirect("https://app.test/cb?code=$code", set_cookie('sid', "session-$code")));
        return authorize('response_type=code&client_id=web', from => $from, %with)->{status};
    };
    is($start->('here', inside), 303, 'F15: a browser inside');
    is(exchange('web', 'here', outside), 400, 'F15: and a server outside, which is denied');
    is($gate->last_audit->{ip}, outside, 'F15: for its own address');
    is($start->('there', outside), 303, 'F16: a browser outside, of which nobody knows whose it is');
    is(exchange('web', 'there', outside), 400, 'F16: its code is worth nothing outside');
    is($start->('known', inside), 303, 'F16: once it is known whose it is');
    is(exchange('web', 'known', inside), 200, 'F16: since its code was exchanged');
    is($start->('stolen', outside, cookie => 'sid=session-known'), 403, 'F16: it gets no code outside, whoever would redeem it inside');
    is($gate->last_audit->{user}, 'alice', 'F16: for her sake');
};

# Of two lines, clients take the first or the last; newer nginx passes on the first alone.
subtest 'answers that are read in part only' => sub {
    my $id = jwt({sub => 'alice', aud => 'web'});
    my ($tokens, $elsewhere) = ("https://app.test/cb#id_token=$id", '/next');
    my $takes_first = nginx_since('1.23.0');
    for my $case ([$tokens, $elsewhere, 403], [$elsewhere, $tokens, 303], ['/one', '/other', 303]) {
        my ($first, $second, $status) = @$case;
        $gate->answers(redirect($first, "Location: $second"));
        is(authorize('client_id=web', from => outside)->{status}, $takes_first ? $status : 502, "Location: $first and $second");
        unlike($gate->{last}{response}, qr/eyJ|\QLocation: $second\E/, 'nothing of it leaves that was not read');
    }
    $gate->answers(redirect($elsewhere, "Location: $elsewhere"));
    is(authorize('client_id=web', from => outside)->{status}, 303, 'one place, said twice');
    my $part = page("token\" value=\"$id\"></form>") =~ s/200 OK/206 Partial Content/r;
    $gate->answers($part);
    is(authorize('client_id=web', from => outside, headers => [$html, ['Range', 'bytes=40-']])->{status}, 502, 'B23: a part of a page');
    for my $codings ([qw(gzip identity)], [qw(identity gzip)]) {
        $gate->answers(page('not to be read', map { "Content-Encoding: $_" } @$codings));
        is(authorize('client_id=web', from => outside)->{status}, 502, "Content-Encoding: @$codings");
    }
};

# F16: who stole a session may write its cookie as he likes, and ask for what the provider ignores.
subtest 'however the session of a known user is presented' => sub {
    my $login = sub {
        my ($name, $value, $user) = @_;
        $gate->answers(redirect("https://app.test/cb?code=of-$value", set_cookie($name, $value)));
        authorize('response_type=code&client_id=web');
        is(exchange('web', "of-$value", inside, $user), 200, "a session of $user");
    };
    $login->('sid', 's:alice.1', 'alice');
    $login->('sid2', 'alice-2', 'alice');
    $login->('sid', 'robin-1', 'robin');
    my $start = sub {
        my ($cookie, $query) = @_;
        $gate->answers(redirect('https://app.test/cb?code=stolen-' . ++$count));
        return authorize('client_id=web' . ($query // ''), from => outside, cookie => $cookie)->{status};
    };
    is($start->($_), 403, "Cookie: $_") for (
        'sid=s:alice.1', 'sid=x; sid=s:alice.1', 'sid=s:alice.1; sid=x', 'sid="s:alice.1"', 'sid=s%3Aalice.1', 'sid=%73%3aalice%2E1', 'SID=s:alice.1', '%73id=s:alice.1',
        'sid="\\163:alice\\.1"', "sid\t=s:alice.1", 'a=b,sid=s:alice.1', 'sid=robin-1; sid2=alice-2', 'sid2=alice-2; sid=robin-1', 'sid=unseen; sid2=alice-2',
    );
    is($start->($_), 303, "Cookie: $_") for ('sid=robin-1', 'sid=unseen', 'sid=x; sid=robin-1');
    is($start->(join '; ', map { "sid=$_" } 1 .. 9), 400, 'more values than anybody has');
    my $handle = 'request_uri=urn%3Ax';
    my %object = map { my $prompt = $_; $prompt => 'request=' . jwt({client_id => 'web', ($prompt ? (prompt => $prompt) : ())}) } '', 'none', 'login';
    is($start->('sid=s:alice.1', "&$_"), 403, $_) for (
        'prompt=select_account', 'prompt=create', 'prompt=nologin', 'prompt=LOGIN', 'prompt=none+login', 'prompt=consent', "prompt=login&$handle", "prompt=login&$object{none}", "prompt=login&$object{''}",
        'prompt=login&g_continue', 'g_continue&prompt=login&g_continue',
    );
    is($start->('sid=s:alice.1', "&$_"), 303, $_) for ('prompt=login', 'prompt=consent%20login', $object{login});
    my $both = sub {
        my ($method, $query, $body, $type, $cookie, $from) = @_;
        return $gate->request(method => $method, path => "/auth?$query", from => $from // outside, body => $body,
            headers => [['Cookie', $cookie // 'sid=s:alice.1'], ['Content-Type', $type // 'application/x-www-form-urlencoded']])->{status};
    };
    my $part = qq(--x\r\nContent-Disposition: form-data; name="client_id"\r\n\r\nweb\r\n--x--\r\n);
    is($both->(@$_), 403, "query and body differ: @$_") for (
        ['POST', 'client_id=web&prompt=login', 'prompt=none'], ['POST', 'prompt=login', 'client_id=web'], ['GET', 'client_id=web', 'client_id=web&prompt=login'],
        ['GET', 'client_id=web', 'prompt=login'], ['POST', 'client_id=web&prompt=login', 'client_id=web'], ['POST', 'client_id=web&prompt=login', $part, 'multipart/form-data; boundary=x'],
    );
    # What it names the gate cannot read, and Fosite, for one, does.
    my @multipart = ($part, 'multipart/form-data; boundary=x');
    for my $query ('', 'client_id=relaxed') {
        is($both->($_, $query, @multipart), 403, "$_ /auth?$query with a multipart body: whatever app that names") for qw(GET POST);
    }
    for my $type ('multipart/form-data; boundary=x; y="application/x-www-form-urlencoded"', 'application/x-www-form-urlencoded; y=multipart/form-data; boundary=x') {
        is($both->('POST', 'client_id=relaxed', $part, $type), 400, "$type: two types");
    }
    is($gate->request(method => 'POST', path => '/auth', from => outside, body => $part, headers => [['Cookie', 'sid=s:alice.1'], ['Content-Type', 'text/plain'], ['Content-Type', $multipart[1]]])->{status}, 400,
        'a type that is given twice');
    is($both->('POST', '', @multipart, $_), 303, "$_: nobody's session, or that of somebody who may be anywhere") for 'sid=unseen', 'sid=robin-1';
    is($both->('POST', '', @multipart, 'sid=s:alice.1', inside), 303, 'inside');
    is($both->(@$_), 303, "both ask, or one of them is none: @$_") for (
        ['POST', '', 'client_id=web&prompt=login'], ['POST', 'tenant=a', 'client_id=web&prompt=login'], ['POST', 'client_id=web&prompt=login', 'client_id=web&prompt=login'],
        ['POST', 'client_id=web&prompt=login', 'step=2'],
    );
};

# F16: where a login came back from the provider's pages, no app is named, nor whether the user was asked. At oidc-provider, who
# begins without a session and goes on with a stolen one gets the code there.
subtest 'a step inside the provider\'s pages hands out the code' => sub {
    my $login = sub {
        my ($user, $session) = @_;
        $gate->answers(redirect("https://app.test/cb?code=of-$session", set_cookie('sid', $session)));
        authorize('response_type=code&client_id=web');
        is(exchange('web', "of-$session", inside, $user), 200, "a session of $user");
    };
    my $number = 0;
    my $step = sub {
        my ($query, $from, $cookie) = @_;
        my $code = 'step-' . ++$number;
        $gate->answers(redirect("https://app.test/cb?code=$code"));
        return authorize($query, from => $from, cookie => $cookie // 'sid=steps')->{status} == 303 ? $code : 'none';
    };
    $login->('alice', 'steps');
    $login->('robin', 'steps-of-robin');
    for my $query ('', 'uid=x', 'client_id=web&prompt=login', 'request_uri=urn%3Ax') {
        is(exchange('web', $step->($query, outside)), 400, "/auth?$query outside: its code is worth nothing inside");
        my $line = $gate->last_audit;
        is("$line->{kind} $line->{user} $line->{app} $line->{ip} $line->{reason}", 'token alice web ' . outside . ' outside_login_ip_ranges', 'for the address of the browser');
        is(exchange('web', $step->($query, inside)), 200, "/auth?$query inside");
    }
    is(exchange('relaxed', $step->('', outside)), 200, 'a relaxed app gets it');
    is(exchange('web', $step->('', outside), inside, 'robin'), 200, 'so does somebody else, who has signed in there');
    is(exchange('web', $step->('', outside, 'sid=unseen')), 200, 'and who is not known yet');
    is(exchange('web', $step->('', outside, "sid=$_")), 400, "Cookie: sid=$_") for 'steps-of-robin; sid=steps', 'steps; sid2=steps-of-robin';
    is(exchange('web', $step->('client_id=relaxed', outside)), 400, 'nor does a code for another app become one for this');

    # A cookie that two readers read differently: what robin gets in one of the sessions does not make the other one his.
    $login->('alice', 'steps-shared');
    is(exchange('relaxed', $step->('client_id=relaxed', outside, 'sid=steps-shared; sid=steps-of-robin'), inside, 'robin'), 200, 'something for robin');
    is($step->('client_id=web', outside, 'sid=steps-shared'), 'none', 'a session of which alice was one is not robin\'s alone');

    my $code = $step->('', outside);
    $gate->answers(redirect('/next', 'Set-Cookie: sid=; Path=/; Max-Age=0'));
    authorize('prompt=login', from => outside, cookie => 'sid=steps');
    is(exchange('web', $code), 400, 'that the session was forgotten since changes nothing');
    is($step->('client_id=web', outside), 'none', 'nor does a cookie that was removed once and comes again');
};

subtest 'a session that lost something is still known to be somebody\'s' => sub {
    $gate->answers(redirect('https://app.test/cb?code=of-lost', set_cookie('sid', 'lost')));
    authorize('response_type=code&client_id=web');
    is(exchange('web', 'of-lost'), 200, 'a session of alice');
    $gate->answers(redirect('https://app.test/cb?code=lost-1'));
    is(authorize('prompt=login&client_id=' . 'x' x 180, from => outside, cookie => 'sid=lost')->{status}, 502, 'a code that is not decided, and cannot be remembered, stays here');
    is($gate->last_audit->{reason}, 'response_unreadable', 'and is audited');
    $gate->answers(redirect('https://app.test/cb?code=lost-2'));
    is(authorize('client_id=web', from => outside, cookie => 'sid=lost')->{status}, 403, 'nor is the next one handed out');
    is($gate->last_audit->{user}, 'alice', 'for her sake');
};

# What lenient readers of base64 take for the same signature: Keycloak's cookie and authentik's are JWTs.
subtest 'a signed session cookie in another spelling' => sub {
    my $jwt = jwt({sid => 1}) =~ s/[^.]*\z/'Yhv-Z_0S3dWvqJxJ8mXl3R4bTz9m3pKq0aWc7HfE2g8'/er;
    my $sealed = 'MTcwMDAwMDAwMHxEWDhFQVFMX2dBQUJFQUVRQUFBX180SUFBUVp6ZEhKcGJtY01CQQ';
    for my $session ($jwt, "$sealed==") {
        $gate->answers(redirect("https://app.test/cb?code=of-signed", set_cookie('sid', $session)));
        authorize('response_type=code&client_id=web');
        is(exchange('web', 'of-signed'), 200, 'a session of alice');
    }
    for my $cookie ($jwt, $jwt =~ s/8\z/9/r, "$jwt=", $jwt =~ s/\.Y/.!Y/r, $jwt =~ s/-Z_/+Z\//r, "$sealed==", $sealed, $sealed =~ s/Q\z/X/r . '==') {
        $gate->answers(redirect('https://app.test/cb?code=stolen-' . ++$count));
        is(authorize('client_id=web', from => outside, cookie => "sid=$cookie")->{status}, 403, "Cookie: sid=$cookie");
        $gate->answers(page('changed'));
        is($gate->request(path => '/password', headers => [$html, ['Cookie', "sid=$cookie"]], body => 'new=1')->{status}, 200, 'which is the same session inside');
    }
    (my $other = $jwt) =~ s/g8\z/h8/;
    $gate->answers(redirect('https://app.test/cb?code=unsigned'));
    is(authorize('client_id=web', from => outside, cookie => "sid=$other")->{status}, 303, 'another signature is nobody\'s');
};

# Whatever the client makes of its cookies: the provider goes by the session all the same.
subtest 'a session shakes nothing off by an odd cookie' => sub {
    my $number = 0;
    my $login = sub {
        my ($app, $cookie, @headers) = @_;
        my $code = 'odd-' . ++$number;
        $gate->answers(redirect("https://app.test/cb?code=$code", @headers));
        authorize("response_type=code&client_id=$app", cookie => $cookie);
        is(exchange($app, $code), 200, "a login at $app with " . ($cookie // 'no cookie'));
    };
    my $reason = sub {
        $gate->answers(page('changed'));
        $gate->request(method => 'POST', path => '/password', headers => [$html, ['Cookie', $_[0]]], body => 'new=1');
        return $gate->last_audit->{reason};
    };
    for my $odd ('sid=OLD; sid=x', 'sid=x; sid=OLD', 'sid="OLD"', 'SID=OLD', '%73id=OLD', 'sid2=OLD', 'sid=x; sid2=OLD') {
        my ($old, $new) = map { "$_-" . ++$number } 'shaken', 'fresh';
        $login->('relaxed', undef, map { set_cookie($_, $old) } 'sid', 'sid2');
        $login->('web', $odd =~ s/OLD/$old/r, set_cookie('sid', $new));
        is($reason->("sid=$new"), 'sensitive_operation', "$odd: the session that replaces it is as restricted");
    }
    for my $odd ('sid=OLD; sid=x', 'sid="OLD"', 'SID=OLD') {
        my $old = 'bound-' . ++$number;
        $login->('web', undef, set_cookie('sid', $old));
        is($reason->("sid=$old"), 'login_ip_range', 'a session of web');
        $login->('relaxed', $odd =~ s/OLD/$old/r);
        is($reason->("sid=$old"), 'sensitive_operation', "$odd: and of the relaxed app, too");
        $login->('web', $odd =~ s/OLD/unseen-$old/r);
        is($reason->("sid=unseen-$old"), 'user_unidentified', 'one that nobody saw becomes nobody\'s by that');
    }
};

subtest 'monitor says what would be' => sub {
    my $id = jwt({sub => 'alice', aud => 'devices', amr => ['mfa']});
    $gate->answers(redirect('https://app.test/cb?code=watched', set_cookie('sid', 'watched')));
    authorize('response_type=code&client_id=web');
    is(exchange('web', 'watched'), 200, 'a session of alice');
    for my $at ('/auth', '/monitored') {
        $gate->answers(redirect("https://app.test/cb#id_token=$id"));
        $gate->audit;
        my $status = authorize('client_id=devices', at => $at, from => outside, cookie => 'sid=watched')->{status};
        is($status, $at eq '/auth' ? 403 : 303, "$at: what the client gets");
        is(join(', ', map { "$_->{decision} $_->{phase} $_->{reason}" } $gate->audit), 'deny request outside_login_ip_ranges', "$at: the one line");
    }
};

# I17: of two lines for one cookie, each that sets it counts, as clients that are no browsers keep either; a line that removes
# it elsewhere removes nothing.
subtest 'Set-Cookie twice' => sub {
    my $number = 0;
    my $welcome = sub { return $gate->request(method => 'POST', path => '/password', headers => [$html, ['Cookie', "sid=$_[0]"]], body => 'new=1')->{status} };
    for my $case (
        ['removed, then set', 'Set-Cookie: sid=; Path=/; Max-Age=0', 'Set-Cookie: sid=NEW; Path=/'],
        ['set, then removed at another path', 'Set-Cookie: sid=NEW; Path=/', 'Set-Cookie: sid=; Path=/login; Max-Age=0'],
        ['set twice', 'Set-Cookie: sid=OLD; Path=/', 'Set-Cookie: sid=NEW; Path=/'],
        ['another name that begins alike', 'Set-Cookie: sid=NEW; Path=/', 'Set-Cookie: sid.sig=x; Path=/', 'Set-Cookie: __Host-sid=y; Path=/; Secure'],
    ) {
        my ($what, @lines) = @$case;
        my $n = ++$number;
        $gate->answers(redirect("https://app.test/cb?code=twice-$n", map { s/NEW/new-$n/r =~ s/OLD/old-$n/r } @lines));
        authorize('response_type=code&client_id=web');
        is(exchange('web', "twice-$n"), 200, "I17: $what: a login");
        $gate->answers(page('changed'));
        is($welcome->("new-$n"), 200, "I17: $what: the session that stays is known");
        is($welcome->("old-$n"), $what eq 'set twice' ? 200 : 403, "I17: $what: and no other that was not given out");
        is($welcome->('x') . $welcome->('y'), '403403', "I17: $what: nor what another cookie says");
    }
};

subtest 'implicit and hybrid' => sub {
    my $id = jwt({sub => 'alice', aud => 'web'});
    my %fragments = (
        'implicit' => ["access_token=imp-1&token_type=Bearer&expires_in=60&id_token=$id", 'user_agent'],
        'hybrid' => ["code=hyb-1&id_token=$id", 'web_server'],
    );
    for my $kind (sort keys %fragments) {
        my ($fragment, $flow) = @{$fragments{$kind}};
        for my $target ('https://app.test/cb#', 'com.example.app:/cb#', 'https://app.test/cb?') {
            $gate->answers(redirect("$target$fragment", set_cookie('sid', 'x')));
            $gate->audit;
            is(authorize('client_id=web', from => inside)->{status}, 303, "$kind in $target: inside");
            my $line = $gate->last_audit;
            is("$line->{flow} $line->{user} $line->{phase} $line->{reason}", "$flow alice response login_ip_range", 'decided from the answer');
            my $denied = authorize('client_id=web', from => outside);
            is($denied->{status}, 403, "$kind in $target: outside");
            unlike($gate->{last}{response}, qr/imp-1|hyb-1|eyJ|sid=/, 'nothing of the answer leaves');
        }
    }
    $gate->answers(json_answer({data => 1}));
    my $api = sub { $gate->request(method => 'GET', path => '/api', from => $_[0], headers => [['Authorization', 'Bearer imp-1']])->{status} };
    is($api->(inside), 200, 'its access token is known');
    is($api->(outside), 403, 'and enforced');
    $gate->answers(redirect('https://app.test/cb#access_token=opaque'));
    is(authorize('client_id=web')->{status}, 403, 'tokens that name nobody do not leave');
    $gate->answers(redirect("https://app.test/cb#id_token=$id"));
    is(authorize('client_id=relaxed')->{status}, 403, 'nor do tokens for another app than the one that asked');
    is($gate->last_audit->{reason}, 'app_mismatch', 'a mismatch');
};

subtest 'form_post' => sub {
    my $id = jwt({sub => 'alice', aud => 'web'});
    my $form = sub { "<!DOCTYPE html><title>x</title><body onload=\"document.forms[0].submit()\"><form method=post action='https://app.test/cb'>$_[0]</form>" };
    $gate->answers(page($form->("<input type=\"hidden\" name=\"code\" value=\"post-1\"/><input name=state value=a&amp;b>")));
    is(authorize('client_id=web&response_mode=form_post', from => outside)->{status}, 200, 'a code passes');
    is(exchange('relaxed', 'post-1'), 400, 'and is bound to its app');
    $gate->answers(page($form->("<INPUT TYPE=hidden NAME='id_token' VALUE='$id'><input value=post-2 name=access_token>")));
    is(authorize('client_id=web', from => inside)->{status}, 200, 'tokens: inside');
    my $denied = authorize('client_id=web', from => outside);
    is($denied->{status}, 403, 'tokens: outside');
    unlike($gate->{last}{response}, qr/post-2|eyJ/, 'nothing of them leaves');
    for my $type ('', "Content-Type:\r\n", map { "Content-Type: $_\r\n" } 'html', 'unknown/unknown', 'Application/Unknown; charset=utf-8', '*/*', 'TEXT/HTML') {
        $gate->answers(page($form->("<input type=hidden name=id_token value='$id'>")) =~ s/Content-Type: .*?\r\n/$type/r);
        is(authorize('client_id=web', from => outside)->{status}, 403, 'tokens in what a browser takes for a page: ' . ($type =~ s/\r\n//r || 'no type'));
        unlike($gate->{last}{response}, qr/eyJ/, 'nothing of them leaves');
    }
    $gate->answers(page('{"access_token":"post-3"}'));
    is(authorize('client_id=web', from => inside)->{status}, 502, 'tokens in JSON that is called a page');
    $gate->answers(page($form->('<input name=access_token value=a><input name=access_token value=b>')));
    is(authorize('client_id=web')->{status}, 502, 'a page with two readings does not leave');
    $gate->answers(page('<h1>Log in</h1><script>var access_token = "x"; "<input name=access_token value=y>"</script><input name=code><input name=login>'));
    is(authorize('client_id=web', from => outside)->{status}, 200, 'a login page does');
};

subtest 'requests with two readings' => sub {
    my %bad = (
        'client_id twice' => 'client_id=web&client_id=relaxed',
        'variant' => 'client_id=web&Client_Id=relaxed',
        'request object of another client' => 'client_id=relaxed&request=' . jwt({client_id => 'web'}),
        'empty' => 'client_id=',
    );
    $gate->answers(page('login'));
    $gate->provider_saw;
    is(authorize($bad{$_})->{status}, 400, $_) for sort keys %bad;
    is(scalar(() = $gate->provider_saw), 0, 'none was forwarded');
    is(authorize('client_id=web&request=' . jwt({client_id => 'web'}))->{status}, 200, 'a request object of the same client');
    is(authorize('client_id=web&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3Ax')->{status}, 200, 'a pushed request');
    my $post = sub { $gate->request(path => '/auth' . $_[1], headers => [$html], body => $_[0])->{status} };
    is($post->('client_id=web&scope=openid', ''), 200, 'a request by POST');
    is($post->('client_id=web', '?client_id=relaxed'), 400, 'of which body and query differ');
};

subtest 'answers to people and programs' => sub {
    my $fragment = 'https://app.test/cb#id_token=' . jwt({sub => 'alice', aud => 'web'});
    $gate->answers(redirect($fragment));
    my $for_people = authorize('client_id=web', from => outside);
    is((IPFence::Http::header($for_people, 'Content-Type'))[0], 'text/html; charset=utf-8', 'a browser gets a page');
    my $for_programs = authorize('client_id=web', from => outside, headers => [['Accept', '*/*']]);
    is((IPFence::Http::header($for_programs, 'Content-Type'))[0], 'application/problem+json', 'a program a problem document');
    is(decode_json($for_programs->{body})->{status}, 403, 'which is JSON');
    my %pages = (
        'text/html' => 1, 'TEXT/HTML' => 1, 'application/xhtml+xml' => 1, 'text/*' => 1, 'text/html, */*' => 1, 'text/html, application/*' => 1, 'text/html;q=0.2, text/plain' => 1,
        'text/html, application/json;q=0.9' => 1, 'text/*;q=0.5, application/json;q=0.4' => 1, '*/*, application/*;q=0.1' => 1,
        '' => 0, 'text/html;q=0' => 0, 'text/plain' => 0, 'application/json' => 0, 'text/html, application/problem+json' => 0, 'text/html;q=0.5, */*' => 0, 'text/html;Q=0.5, application/json' => 0,
        'text/*;q=0.1, */*;q=0.2' => 0, 'text/html;q=0.1, text/*, application/json;q=0.2' => 0, 'text/html;level=1;q=0.3, application/json;q=0.4' => 0,
    );
    for my $accept (sort keys %pages) {
        my ($type) = IPFence::Http::header(authorize('client_id=web', from => outside, headers => [['Accept', $accept]]), 'Content-Type');
        is($type, $pages{$accept} ? 'text/html; charset=utf-8' : 'application/problem+json', "Accept: $accept");
    }
    my $own = authorize('client_id=web', from => outside, at => '/paged');
    is("$own->{status} $own->{body}", "403 sorry page\n", 'error_page replaces it, in the response phase');
    is(authorize('client_id=web', at => '/named', from => inside)->{status}, 303, 'inside');
};

subtest 'who the provider says that it is' => sub {
    $gate->answers(redirect('https://app.test/cb?code=named-1', 'X-User: alice'));
    is(authorize('client_id=web', at => '/named', from => outside)->{status}, 403, 'a code is withheld where the user is known');
    is(authorize('client_id=web', at => '/named', from => inside)->{status}, 303, 'and passes inside');
};

subtest 'monitor' => sub {
    my $location = 'https://app.test/cb#id_token=' . jwt({sub => 'alice', aud => 'web'});
    $gate->answers(redirect($location));
    my $response = authorize('client_id=web', from => outside, at => '/monitored');
    is(location($response), $location, 'nothing is changed');
    is($gate->last_audit->{decision}, 'deny', 'and all is said');
};

subtest 'HEAD' => sub {
    $gate->answers(redirect('https://app.test/cb?code=head-1'));
    is(authorize('client_id=web', method => 'HEAD')->{status}, 303, 'is answered');
};

$gate->finish;
done_testing;
