# JWT access tokens that nobody saw issued: verified once, then remembered.

use strict;
use warnings;
use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep);
use IPFence::Gate;
use IPFence::Http;
use IPFence::Keys;
use IPFence::World;

my $gate = gate(
    stopped => 1,
    policy => world(profile_claim => 'profile'),
    http => 'ipfence_zone zone=tokens:1m; ipfence_jwks keys.json; map $arg_tenant $issuer { one https://id.test; }',
    server => <<'CONF',
        location /api { ipfence resource; ipfence_issuer https://id.test; ipfence_audience api other; proxy_pass http://provider; }
        location /else { ipfence resource; ipfence_issuer https://id.test; ipfence_audience elsewhere; proxy_pass http://provider; }
        location /asked { ipfence resource; ipfence_introspection /introspect; proxy_pass http://provider; }
        location /tenant { ipfence resource; ipfence_issuer $issuer; proxy_pass http://provider; }
        location /anyone { ipfence resource; proxy_pass http://provider; }
        location /for { ipfence resource; ipfence_audience $arg_audience; proxy_pass http://provider; }
        location /through { ipfence off; auth_request /api; proxy_pass http://provider; }
        location /password { ipfence password_change; ipfence_issuer https://id.test; proxy_pass http://provider; }
        location = /introspect { internal; ipfence off; proxy_pass http://provider; }
CONF
    expected_log => [qr/the keys that were read before stay in force/],
);

my ($one, $two) = map { make_key($gate->file($_)) } 'one.pem', 'two.pem';
$gate->write_file('keys.json', key_set(jwk($one, 'one')));
$gate->start;
$gate->answers(json_answer({data => 1}));

my %good = (iss => 'https://id.test', aud => 'api', sub => 'alice', client_id => 'relaxed', exp => time + 600, iat => time);

sub api {
    my ($token, $from, $path) = @_;
    return $gate->request(method => 'GET', path => $path // '/api', from => $from // inside, headers => [['Authorization', "Bearer $token"]]);
}

subtest 'a token that verifies' => sub {
    my $token = sign($one, \%good);
    is(api($token)->{status}, 200, 'inside');
    my $line = $gate->last_audit;
    is("$line->{user} $line->{app} $line->{flow} $line->{reason}", 'alice relaxed unknown login_ip_range', 'user and app are its claims\'');
    is(api($token, outside)->{status}, 403, 'outside: a flow that is unknown relaxes nothing');
    is(api(sign($one, {%good, sub => 'robin'}), outside)->{status}, 200, 'robin is not restricted');
    is(api(sign($one, {%good, sub => 'guest', profile => 'anywhere'}), outside)->{status}, 200, 'nor is a guest whose profile it names');
    is(api(sign($one, {%good, sub => 'guest', profile => 'nonsense'}))->{status}, 403, 'a profile that does not exist denies');
    is(api(sign($one, {%good, aud => ['x', 'other']}))->{status}, 200, 'one of several audiences');
    is(api(sign($one, {%good, exp => time + 600.5, nbf => time - 0.5, iat => time - 0.25}))->{status}, 200, 'times that have a fraction');
    $gate->provider_saw;
};

subtest 'a profile that cannot be read is not none, whichever of a user\'s tokens came first' => sub {
    my %profiles = (none => {}, unreadable => {profile => 5});
    my %wanted = (none => '200 login_ip_range', unreadable => '403 profile_unknown');
    for my $order (['none', 'unreadable'], ['unreadable', 'none']) {
        my %token = map { $_ => sign($one, {%good, sub => "guest-@$order", jti => $_, %{$profiles{$_}}}) } @$order;
        for my $which (@$order, @$order) {
            my $status = api($token{$which})->{status};
            is("$status " . $gate->last_audit->{reason}, $wanted{$which}, "$order->[0] first: $which");
        }
    }
    $gate->provider_saw;
};

subtest 'tokens that do not' => sub {
    my $token = sign($one, \%good);
    my %bad = (
        'another key' => sign($two, \%good),
        'unknown kid' => sign($one, \%good, kid => 'two'),
        'expired' => sign($one, {%good, exp => time - 120}),
        'no expiry' => sign($one, {%good, exp => undef}),
        'from the future' => sign($one, {%good, nbf => time + 600}),
        'another issuer' => sign($one, {%good, iss => 'https://id.test/'}),
        'another audience' => sign($one, {%good, aud => 'api.evil'}),
        'critical header' => sign($one, \%good, crit => ['x'], x => 1),
        'embedded key' => sign($one, \%good, jwk => jwk($one, 'one')),
        'none' => join('.', base64url('{"alg":"none"}'), (split /\./, $token)[1], ''),
        'HMAC with the public key' => join('.', base64url('{"alg":"HS256","kid":"one"}'), (split /\./, $token)[1, 2]),
        'last character changed' => do { (my $changed = $token) =~ s/.\z/substr('AQgw', 0, 1)/e; $changed eq $token ? $token =~ s/.\z/Q/r : $changed },
        'cut' => substr($token, 0, -1),
    );
    for my $what (sort keys %bad) {
        my $response = api($bad{$what});
        is(json_error($response), '401 invalid_token: the access token does not verify', $what);
        is((IPFence::Http::header($response, 'WWW-Authenticate'))[0],
            'Bearer error="invalid_token"', "$what: challenged");
    }
    is(scalar(() = $gate->provider_saw), 0, 'none was forwarded');
    is($gate->last_audit->{reason}, 'token_invalid', 'audited');
    for my $case ([$bad{expired}, inside, '401 Bearer error="invalid_token"'], [$token, outside, '403 -'], [$token, inside, '200 -']) {
        my ($asked, $from, $expected) = @$case;
        my $through = api($asked, $from, '/through');
        is(join(' ', $through->{status}, (IPFence::Http::header($through, 'WWW-Authenticate'), '-')[0]), $expected, "by auth_request: $expected");
    }
    $gate->provider_saw;

    # A page asks for no token: it is denied, as whatever else it is denied for.
    my $page = api($bad{expired}, inside, '/password');
    is($page->{status}, 403, 'a sensitive page is denied');
    is_deeply(decode_json($page->{body}), {title => 'Forbidden', status => 403, detail => 'the access token does not verify'}, 'and says why');
    is_deeply([IPFence::Http::header($page, 'WWW-Authenticate')], [], 'without a challenge');
    is($gate->last_audit->{reason}, 'token_invalid', 'audited as an API request is');
    is(scalar(() = $gate->provider_saw), 0, 'nor was it forwarded');
};

subtest 'an issuer or audience of a variable that is empty is nobody\'s' => sub {
    my $token = sign($one, {%good, jti => 'of a tenant'});
    is(api($token, inside, '/tenant?tenant=one')->{status}, 200, 'the issuer of a tenant');
    is(api($token, inside, '/for?audience=api')->{status}, 200, 'an audience');
    is(api($token, inside, '/anyone')->{status}, 200, 'where any will do');
    is(api($token, inside, $_)->{status}, 401, $_) for '/tenant?tenant=two', '/tenant', '/for', '/for?audience=';
    is(api(sign($one, {%good, iss => undef, aud => undef}), inside, $_)->{status}, 401, "a token of nobody, $_") for '/tenant', '/for';
    $gate->provider_saw;
};

subtest 'what was verified for one audience was not for another' => sub {
    my $token = sign($one, {%good, jti => 'scoped'});
    is(api($token)->{status}, 200, 'here');
    is(api($token, inside, '/else')->{status}, 401, 'not there');
};

subtest 'keys are picked up when the file changes' => sub {
    my ($old, $new) = (sign($one, {%good, jti => 'old'}), sign($two, {%good, jti => 'new'}, kid => 'two'));
    is(api($old)->{status}, 200, 'the old key');
    is(api($new)->{status}, 401, 'not yet the new one');
    $gate->write_file('keys.json', key_set(jwk($one, 'one'), jwk($two, 'two')));
    my $status;
    for (1 .. 100) { $status = api($new)->{status}; last if $status == 200; sleep 0.05 }
    is($status, 200, 'G22: the new key, without a reload');
    is(api($old)->{status}, 200, 'and the old one');
    $gate->write_file('keys.json', '{"keys": [');
    sleep 1.2;
    is(api(sign($two, {%good, jti => 'more'}, kid => 'two'))->{status}, 200, 'G22: a broken file changes nothing');
    is($gate->times_logged(qr/the keys that were read before stay in force/), 1, 'and is logged once');
    $gate->write_file('keys.json', key_set(jwk($two, 'two')));
    for (1 .. 100) { $status = api($old)->{status}; last if $status == 401; sleep 0.05 }
    is($status, 401, 'a token of a key that was removed no longer verifies, though it did before');
};

subtest 'an opaque token is introspected' => sub {
    $gate->answers(json_answer({active => JSON::PP::true, sub => 'alice', client_id => 'web'}), json_answer({data => 1}));
    is(api('opaque', inside, '/asked')->{status}, 200, 'where there is an introspection endpoint');
    is(api('opaque-2')->{status}, 403, 'and unknown where there is none');
};

subtest 'signatures that do not verify cost little, and no key is fetched for them' => sub {
    my ($worker) = $gate->workers;
    my $ticks = sub { my @stat = split ' ', IPFence::Gate::read_whole("/proc/$worker/stat"); return $stat[13] + $stat[14] };
    my $refused = sub {
        my (@tokens) = @_;
        my $before = $ticks->();
        my $count = grep { $_->{status} == 401 }
            $gate->send_raw(join('', map { "GET /api HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer $_\r\n\r\n" } @tokens), count => scalar @tokens);
        return ($count, ($ticks->() - $before) * 10 / @tokens);
    };
    $gate->provider_saw;
    my ($count, $cost) = $refused->(map { sign($two, {%good, jti => "kid-$_"}, kid => "unknown-$_") } 1 .. 100);
    is($count, 100, 'G06: a hundred tokens, each of a key that nobody has, are refused');
    my $padded = sign($two, {%good, padding => 'x' x 5000}, kid => 'two');
    ($count, $cost) = $refused->(map { my $n = $_; $padded =~ s/.{8}(?=.{8}\z)/sprintf '%08d', $n/er } 1 .. 100);
    is($count, 100, 'G23: a hundred tokens of 7 kB, whose signatures are wrong, too');
    cmp_ok($cost, '<', 5, "G23: for less than 5 ms each: $cost");
    is(scalar(my @seen = $gate->provider_saw), 0, 'G06: nobody was asked for keys');
    is(api(sign($two, {%good, jti => 'after'}, kid => 'two'))->{status}, 200, 'G06: and the good key is still there');
};

$gate->finish;

subtest 'a signature is verified only where something depends on it' => sub {
    my $relaxed = gate(stopped => 1, policy => world(continuous_ip_enforcement => JSON::PP::false), http => 'ipfence_jwks keys.json;',
        server => 'location /api { ipfence resource; proxy_pass http://provider; }');
    $relaxed->write_file('keys.json', key_set(jwk($one, 'one')));
    $relaxed->start;
    my $bad = sign($two, \%good, kid => 'one');
    is($relaxed->request(method => 'GET', path => '/api', headers => [['Authorization', "Bearer $bad"]])->{status}, 200, 'G23: not without continuous enforcement');
    is($relaxed->last_audit->{reason}, 'not_continuous', 'G23: which is why');
    $relaxed->finish;
};

for my $address ('https://id.test/keys', 'http://id.test/keys') {
    my $remote = gate(stopped => 1, http => "ipfence_jwks $address;");
    my ($code, $output) = $remote->test_configuration;
    is($code, 1, "G25: keys come from a file: $address is none");
    like($output, qr/ipfence_jwks.*the file is not there.*nginx\.conf:\d+/s, 'G25: and nginx -t says so');
}

for my $bad (['no JSON', '{"keys": ['], ['no keys', '{"keys": []}'], ['private', '{"keys": [{"kty":"OKP","crv":"Ed25519","d":"AA","x":"AA"}]}']) {
    my ($what, $text) = @$bad;
    my $faulty = gate(stopped => 1, http => 'ipfence_jwks keys.json;');
    $faulty->write_file('keys.json', $text);
    my ($code, $output) = $faulty->test_configuration;
    is($code, 1, "$what: refused by nginx -t");
    like($output, qr/ipfence_jwks.*keys\.json.*nginx\.conf:\d+/s, "$what: says where");
}

# What another policy found in a token is not what this one finds.
my %by = map { my $claim = $_; $claim => world(user_claims => [$claim]) } qw(sub email);
$_->{organization}{default_profile} = undef for values %by;
my $changing = gate(
    stopped => 1, policy => $by{sub},
    http => 'ipfence_zone zone=tokens:1m; ipfence_jwks keys.json; ipfence_issuer https://id.test; ipfence_audience api;',
    server => <<'CONF',
        location /api { ipfence resource; proxy_pass http://provider; }
        location /asked { ipfence resource; ipfence_introspection /introspect; proxy_pass http://provider; }
        location = /introspect { internal; ipfence off; proxy_pass http://provider; }
CONF
);
$changing->write_file('keys.json', key_set(jwk($one, 'one')));
$changing->start;
my %claims = (iss => 'https://id.test', aud => 'api', sub => 'u-17', email => 'alice', exp => time + 3600, iat => time);
my %token = ('/api' => sign($one, \%claims), '/asked' => 'opaque');
sub user_at {
    my ($path) = @_;
    $changing->answers(json_answer({active => JSON::PP::true, %claims}));
    my $status = $changing->request(method => 'GET', path => $path, from => outside, headers => [['Authorization', "Bearer $token{$path}"]])->{status};
    return "$status " . $changing->last_audit->{user};
}
is(user_at($_), '200 u-17', "$_: the user by one claim") for sort keys %token;
$changing->write_policy($by{email});
ok(wait_for(sub { $changing->error_log =~ /is in force/ }), 'the policy looks at another');
is(user_at($_), '403 alice', "$_: the user by that") for sort keys %token;
$changing->write_policy($by{sub});
ok(wait_for(sub { 2 == $changing->times_logged(qr/is in force/) }), 'and at the first again');
is(user_at($_), '200 u-17', "$_: who is known still") for sort keys %token;

# A key set of the same size and time in the same file is another one, too: archives that can be made again have one time.
sub put_in_place {
    my ($key) = @_;
    $changing->overwrite_file('keys.json', key_set(jwk($key, 'one')));
    utime 1, 1, $changing->file('keys.json');
    sleep 2.1;
}
put_in_place($one);
user_at('/api');
my @before = (stat $changing->file('keys.json'))[1, 7, 9];
put_in_place($two);
is_deeply([(stat _)[1, 7, 9]], \@before, 'a key set that looks the same') if stat $changing->file('keys.json');
$token{'/api'} = sign($two, {%claims, sub => 'another'});
is(user_at('/api'), '200 another', 'is taken up');
put_in_place($one);
$token{'/api'} = sign($one, {%claims, sub => 'the first'});
is(user_at('/api'), '200 the first', 'and so is the first again');

# What takes the place of the file is not waited for, nor read for long.
for my $case (
    ['a pipe that nobody writes to', sub { system('mkfifo', $_[0]) == 0 or die 'mkfifo' }, qr/is not a regular file, and nginx does not wait/],
    ['a file that is larger than key sets are', sub { open my $file, '>', $_[0] or die; truncate $file, 3 << 30 }, qr/is larger than a key set may be/],
) {
    my ($name, $put, $said) = @$case;
    unlink $changing->file('keys.json');
    $put->($changing->file('keys.json'));
    my $begin = time;
    my $other = sign($one, {%claims, sub => $name});
    $token{'/api'} = $other;
    sleep 1.1;
    is(user_at('/api'), "200 $name", "$name: the keys before it stay in force") or last;
    cmp_ok(time - $begin, '<', 3, 'at once');
    like($changing->error_log, qr/\[error\][^\n]*keys\.json": $said/, 'and the log says why');
}
$changing->finish;
done_testing;
