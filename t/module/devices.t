# Activated devices: the cookie that marks one, and claims that say the same of a session.

use strict;
use warnings;
use MIME::Base64 qw(decode_base64);
use Test::More;
use IPFence::Gate;
use IPFence::Http;
use IPFence::World;

my ($old_key, $new_key) = ('11' x 32, '22' x 32);

my $gate = gate(
    stopped => 1,
    policy => world(),
    http => 'ipfence_zone zone=tokens:1m; ipfence_session_cookie sid sid2; ipfence_device_cookie __Host-device key=device.keys ttl=30d;',
    server => <<'CONF',
        location /token { ipfence token; proxy_pass http://provider; }
        location /auth { ipfence authorization; proxy_pass http://provider; }
        location /verify { ipfence verification; ipfence_verified $upstream_http_x_verified;
            ipfence_user $upstream_http_x_user; proxy_pass http://provider; }
        location /watched { ipfence verification; ipfence_mode monitor; ipfence_verified $upstream_http_x_verified;
            ipfence_user $upstream_http_x_user; proxy_pass http://provider; }
        location /api { ipfence resource; proxy_pass http://provider; }
        location /password { ipfence password_change; proxy_pass http://provider; }
CONF
    expected_log => [qr/nobody says who/],
);
$gate->write_file('device.keys', "# the first one signs\n$old_key\n");
$gate->start;

my $count = 0;

sub verify {
    my ($verified, $user, %with) = @_;
    $gate->answers(page('ok', (defined $verified ? "X-Verified: $verified" : ()), (defined $user ? "X-User: $user" : ())));
    my $response = $gate->request(method => 'GET', path => $with{at} // '/verify', headers => [$with{cookie} ? ['Cookie', $with{cookie}] : (), @{$with{headers} // []}]);
    return grep { /\A__Host-device=/ } IPFence::Http::header($response, 'Set-Cookie');
}

sub device_cookie { my ($line) = verify('1', $_[0]); return ($line =~ /\A([^;]+)/)[0] }

# Logs a user in at an app with a device cookie in the browser; the status of the exchange, from outside.
sub login {
    my ($cookie, %with) = @_;
    my $code = 'code-' . ++$count;
    $gate->answers(redirect("https://app.test/cb?code=$code", set_cookie('sid', "session-$count")));
    my $app = $with{app} // 'devices';
    $gate->request(method => 'GET', path => "/auth?client_id=$app", from => outside, headers => [$cookie ? ['Cookie', $cookie] : ()]);
    $gate->answers(tokens($with{user} // 'alice', access_token => "access-$count", refresh_token => "refresh-$count", claims => $with{claims} // {}));
    $gate->audit;
    my $status = $gate->token({grant_type => 'authorization_code', code => $code, client_id => $app}, from => $with{from} // outside)->{status};
    return $status;
}

subtest 'the cookie' => sub {
    my ($line) = verify('1', 'alice');
    like($line, qr/\A__Host-device=[A-Za-z0-9_-]{90,120}; Path=\/; Max-Age=2592000; HttpOnly; Secure; SameSite=Lax\z/, 'its attributes');
    my ($value) = $line =~ /=([^;]+)/;
    (my $base64 = $value) =~ tr{-_}{+/};
    unlike(decode_base64($base64), qr/alice/, 'the user\'s name is not in it');
    is(scalar(() = verify($_, 'alice')), 0, 'not verified: ' . ($_ // 'no header')) for '0', '', undef;
    is(scalar(() = verify('1', undef)), 0, 'nobody to mark it for');
    is(scalar(() = verify('1', 'alice', at => '/watched')), 0, 'monitor sets nothing');
    my ($again) = verify('1', 'alice', cookie => ($line =~ /\A([^;]+)/)[0]);
    my $device_in = sub { my ($text) = $_[0] =~ /=([^;]+)/; $text =~ tr{-_}{+/}; return unpack 'H*', substr decode_base64($text), 9, 16 };
    is($device_in->($again), $device_in->($line), 'a device that is marked again is the same device');
    my ($other) = verify('1', 'alice');
    isnt($device_in->($other), $device_in->($line), 'another one is another');
};

# Which of several sessions the provider verified somebody in, nobody can say.
subtest 'the session\'s user' => sub {
    is(login(undef, app => 'web', from => inside), 200, 'a session of alice');
    my ($alice, $token_of_alice) = ("sid=session-$count", "access-$count");
    is(login(undef, app => 'web', user => 'robin'), 200, 'a session of robin');
    my ($robin, $token_of_robin) = ("sid=session-$count", "access-$count");
    is(scalar(() = verify('1', undef, cookie => $alice)), 1, 'whom the session is known to be of');
    is(scalar(() = verify('1', undef, cookie => $_)), 0, "but not with $_") for ("$alice; sid2=unseen", "sid2=unseen; $alice", "$alice; $robin", 'sid=unseen');
    is(scalar(() = verify('1', 'robin', cookie => "$alice; sid2=unseen")), 1, 'unless the deployment says who it is');
    for my $case (
        [1, 'a token of the same user', "Bearer $token_of_alice"], [0, "somebody else's token", "Bearer $token_of_robin"],
        [0, 'an unknown one', 'Bearer unseen'], [0, 'one that cannot be read', 'Bearer a, Bearer b'], [0, 'another scheme', basic('robin', 'x')->[1]],
        [0, "somebody else's in the query", undef, "/verify?access_token=$token_of_robin"],
    ) {
        my ($marks, $what, $authorization, $at) = @$case;
        my @headers = defined $authorization ? (['Authorization', $authorization]) : ();
        is(scalar(() = verify('1', undef, cookie => $alice, headers => \@headers, at => $at)), $marks, "beside a session of hers: $what");
    }
    is(scalar(() = verify('1', 'alice', cookie => $alice, headers => [['Authorization', "Bearer $token_of_robin"]])), 1, 'unless the deployment says who it is');
    $gate->answers(page('a second factor, please', set_cookie('sid', 'asked')));
    $gate->request(path => '/auth', headers => [['Cookie', $alice]], body => 'login=robin');
    is(scalar(() = verify('1', undef, cookie => 'sid=asked')), 0, 'nor once somebody else may have signed in');
};

# Many a provider gives out another session once the user was verified.
subtest 'a session that verification or a page replaces' => sub {
    my $reason = sub {
        $gate->answers(page('changed'));
        $gate->request(path => '/password', headers => [['Cookie', $_[0]]], body => 'new=1');
        return $gate->last_audit->{reason};
    };
    my $replace = sub {
        my ($cookie, $new) = @_;
        $gate->answers(page('ok', 'X-Verified: 1', set_cookie('sid', $new)));
        $gate->request(method => 'GET', path => '/verify', headers => [['Cookie', $cookie]]);
    };
    is(login(undef, app => 'web', from => inside), 200, 'a session of web');
    $replace->("sid=session-$count", "verified-$count");
    is($reason->("sid=verified-$count"), 'login_ip_range', 'is known by its new name');
    is(login(undef, app => 'relaxed'), 200, 'a session of a relaxed app');
    $replace->("sid=session-$count", "verified-$count");
    is($reason->("sid=verified-$count"), 'sensitive_operation', 'is as restricted as before');
    is(login(undef, app => 'web', from => inside), 200, 'a session of web');
    for my $step (['session', 'changed'], ['changed', 'twice']) {
        my ($old, $new) = map { "$_-$count" } @$step;
        $gate->answers(page('changed', set_cookie('sid', $new)));
        is($gate->request(path => '/password', headers => [['Cookie', "sid=$old"]], body => 'new=1')->{status}, 200, 'a page that replaces it');
        is($reason->("sid=$new"), 'login_ip_range', 'leaves it known, too');
    }
    $replace->('sid=unseen', 'verified-unseen');
    is($reason->('sid=verified-unseen'), 'user_unidentified', 'and one that nobody saw is nobody\'s');
};

subtest 'an activated device relaxes' => sub {
    my $cookie = device_cookie('alice');
    is(login(undef), 400, 'a new device, outside: denied');
    is(login($cookie), 200, 'an activated one: allowed');
    my $line = $gate->last_audit;
    is("$line->{reason} $line->{device_activated} $line->{flow}", 'activated_device 1 web_server', 'audited');
    $gate->answers(page('data'));
    my $api = $gate->request(method => 'GET', path => '/api', from => outside, headers => [['Authorization', "Bearer access-$count"]]);
    is($api->{status}, 200, 'so is the API');
    is($gate->last_audit->{reason}, 'activated_device', 'for the same reason');
    $gate->answers(tokens(undef, access_token => 'refreshed'));
    is($gate->token({grant_type => 'refresh_token', refresh_token => "refresh-$count", client_id => 'devices'}, from => outside)->{status}, 200, 'and the refresh');
    my $change = $gate->request(method => 'POST', path => '/password', from => inside, headers => [['Cookie', "sid=session-$count"]], body => 'x=1');
    is($change->{status}, 403, 'sensitive operations are blocked');
    is($gate->last_audit->{reason}, 'sensitive_operation', 'as such');
    is(login($cookie, app => 'web'), 400, 'an app that enforces is not relaxed');
    is(login($cookie, app => 'branch'), 400, 'nor one with trusted ranges');
};

subtest 'only for its own user' => sub {
    is(login(device_cookie('bob')), 400, 'J06, J07: bob\'s device does not relax alice');
    is(login(device_cookie('alice') . '; __Host-device=' . (device_cookie('bob') =~ /=(.*)/)[0]), 400, 'J04: two cookies: none');
    (my $forged = device_cookie('alice')) =~ s/(.)(.{9})\z/($1 eq 'A' ? 'B' : 'A') . $2/e;
    is(login($forged), 400, 'a forged one');
    is(login('__Host-device='), 400, 'an empty one');
};

subtest 'claims count, too' => sub {
    is(login(undef, claims => {amr => ['pwd', 'mfa']}), 200, 'amr');
    is($gate->last_audit->{reason}, 'activated_device', 'activates the session');
    is(login(undef, claims => {acr => 'urn:verified'}), 200, 'acr');
    is(login(undef, claims => {amr => ['pwd'], acr => 'urn:other'}), 400, 'others do not');
};

subtest 'key rotation' => sub {
    my $cookie = device_cookie('alice');
    $gate->write_file('device.keys', "$new_key\n$old_key\n");
    $gate->signal('HUP');
    my $rotated;
    for (1 .. 100) {
        $rotated = device_cookie('alice');
        last if $rotated ne $cookie && login($rotated) == 200;
        select undef, undef, undef, 0.05;
    }
    is(login($cookie), 200, 'a cookie of the old key is good while the key is there');
    is(login($rotated), 200, 'and so is one of the new key');
    $gate->write_file('device.keys', "$new_key\n");
    $gate->signal('HUP');
    my $status;
    for (1 .. 100) {
        $status = login($cookie);
        last if $status == 400;
        select undef, undef, undef, 0.05;
    }
    is($status, 400, 'a cookie of a key that was removed is not');
    is(login(device_cookie('alice')), 200, 'a new one is');
};

subtest 'F10: an activated device relaxes the flows of a browser, and no other' => sub {
    my $cookie = device_cookie('alice');
    my @with = (headers => [['Cookie', $cookie]], from => outside);
    is(login($cookie), 200, 'a code, from an activated device');
    my $number = 0;
    my $access_token = 'urn:ietf:params:oauth:token-type:access_token';
    for my $parameters ({grant_type => 'urn:ietf:params:oauth:grant-type:device_code', device_code => 'd'},
        {grant_type => 'urn:ietf:params:oauth:grant-type:token-exchange', subject_token => 's', subject_token_type => $access_token},
        {grant_type => 'password', username => 'alice', password => 'pw'}) {
        $gate->answers(tokens('alice', access_token => 'other-' . ++$number));
        my $response = $gate->token({%$parameters, client_id => 'devices'}, @with);
        is("$response->{status} " . $gate->last_audit->{reason}, '400 outside_login_ip_ranges', $parameters->{grant_type});
    }
};

$gate->finish;

for my $bad (['no such file', undef], ['no key', "# nothing\n"], ['too short', "abcd\n"], ['not hexadecimal', ('zz' x 32) . "\n"]) {
    my ($what, $text) = @$bad;
    my $faulty = gate(stopped => 1, http => 'ipfence_device_cookie d key=device.keys;');
    $faulty->write_file('device.keys', $text) if defined $text;
    my ($code, $output) = $faulty->test_configuration;
    is($code, 1, "$what: refused by nginx -t");
    like($output, qr/ipfence_device_cookie.*nginx\.conf:\d+/s, "$what: says where");
    $output =~ s/\Q$faulty->{dir}\E//g;    # whose name is made at random
    unlike($output, qr/abcd|zz/, "$what: and does not show the key");
}

done_testing;
