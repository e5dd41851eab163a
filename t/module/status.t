# ipfence_status: what it counts is what clients saw, and nothing secret is on it (catalogue O10).

use strict;
use warnings;
use Cwd ();
use File::Basename ();
use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep time);
use IPFence::Gate;
use IPFence::Http;
use IPFence::World;

my $candidate = world();
$candidate->{profiles}{office}{login_ip_ranges} = ['127.0.2.0/24'];
my $gate = gate(
    policy => world(),
    workers => 2,
    files => {'candidate.json' => JSON::PP->new->encode($candidate)},
    http => 'ipfence_zone zone=learned:1m; ipfence_candidate candidate.json;',
    server => <<'CONF',
        location /token { ipfence token; proxy_pass http://provider; }
        location /watched { ipfence token; ipfence_mode monitor; proxy_pass http://provider; }
        location /page { ipfence_status; }
        location /under/ { ipfence_status; }
        location = /metrics { ipfence_status; }
        location /own/status.json { ipfence_status; }
        location /parts.html { ssi on; root DIR; }
CONF
);

sub get { my ($path, %with) = @_; return $gate->request(method => 'GET', path => $path, %with) }
sub status { return decode_json(get('/page/status.json')->{body}) }

sub login {
    my ($user, %with) = @_;
    return $gate->token({grant_type => 'password', username => $user, password => 'hunter2-secret', client_id => delete $with{client} // 'web'}, %with)->{status};
}

sub workers { return $gate->workers }

# "kind decision reason" => count
sub counts { my ($status) = @_; return {map { ("$_->{kind} $_->{decision} $_->{reason}" => $_->{count}) } @{$status->{decisions}}} }

my $empty = status();
is_deeply($empty->{decisions}, [], 'nothing is counted before it happens');
is_deeply($empty->{recent_denials}, [], 'nor denied');
like($empty->{policy}, qr/^[0-9a-f]{12}$/, 'which policy is in force');
like($empty->{candidate_policy}, qr/^[0-9a-f]{12}$/, 'and which is the candidate');
is($empty->{zone}{name}, 'learned', 'the zone');
is($empty->{zone}{credentials}, 0, 'which is empty');

login('alice') for 1 .. 3;
login('alice', from => outside) for 1 .. 2;
login('robin', from => outside, client => "<script>alert(1)</script>");
login('alice', from => outside, client => "<img>");
login('alice', from => outside, path => '/watched');
$gate->token('grant_type=password&grant_type=x');

my $status = status();
is_deeply(counts($status), {
    'token allow login_ip_range' => 3,
    'token allow no_login_ip_ranges' => 1,
    'token deny outside_login_ip_ranges' => 3,
    'token would_deny outside_login_ip_ranges' => 1,    # N10: what is not enforced is counted, too
    'token deny ambiguous_request' => 1,
}, 'what clients saw is counted, over all workers');
is_deeply($status->{candidate_flips}, {allow_to_deny => 3, deny_to_allow => 4}, 'and what the candidate would change');
is_deeply([map { "$_->{name} $_->{denials}" } grep { defined $_->{name} } @{$status->{most_denied_users}}], ['alice 4'], 'who was denied most');
my ($recent) = grep { ($_->{app} // '') eq '<img>' } @{$status->{recent_denials}};
is($recent->{user}, 'alice', 'a denial, with names as they are');
is("$recent->{ip} $recent->{reason} $recent->{rule} $recent->{operation} $recent->{flow}",
    '127.0.2.1 outside_login_ip_ranges profiles.office.login_ip_ranges login username_password', 'and why');
is_deeply([@{$recent}{qw(refreshed device_activated)}], [JSON::PP::false, JSON::PP::false], 'and in what session');
is($status->{recent_denials}[0]{reason}, 'ambiguous_request', 'the last one first');
cmp_ok($status->{zone}{credentials}, '>', 0, 'tokens are in the zone');

# Prometheus reads every line of it.
my $metrics = get('/page/metrics');
like(scalar((IPFence::Http::header($metrics, 'content-type'))[0] // ''), qr{^text/plain; version=0\.0\.4}, 'the type that Prometheus wants');
my (%typed, %samples);
for my $line (split /\n/, $metrics->{body}) {
    if ($line =~ /^# TYPE (\w+) (counter|gauge)$/) { ok(!$typed{$1}++, "$1 has one type"); next }
    next if $line =~ /^# HELP \w+ \S.*\.$/;
    my ($name, $labels, $value) = $line =~ /^([a-z_]+)(\{[a-z_]+="[^"\\\n]*"(?:,[a-z_]+="[^"\\\n]*")*\})? (\d+)$/ or do { fail("no sample: $line"); next };
    ok($typed{$name}, "$name is typed before its samples") unless $samples{$name}++;
}
like($metrics->{body}, qr/^ipfence_decisions_total\{kind="token",decision="allow",reason="login_ip_range"\} 3$/m, 'decisions');
like($metrics->{body}, qr/^ipfence_candidate_flips_total\{candidate="deny"\} 3$/m, 'flips');
unlike($metrics->{body}, qr/alice|robin|script|img|127\.0/, 'M10: no label takes the value of a name or address');

# The rules that are shipped ask for metrics and reasons that there are.
my $root = Cwd::abs_path(File::Basename::dirname(__FILE__) . '/../..');
my $rules = IPFence::Gate::read_whole("$root/conf/prometheus-rules.yml");
my @expressions = $rules =~ /^ +expr: (.*)$/mg;
cmp_ok(scalar @expressions, '>', 5, 'there are rules for Prometheus');
my $metrics_source = IPFence::Gate::read_whole("$root/engine/status/metrics.cpp");
for my $name (map { /\b(ipfence_[a-z_]+)/g } @expressions) {
    $name =~ /^ipfence_store_/ ? like($metrics_source, qr/"$name"/, "$name of a store") : ok($typed{$name}, "$name of a rule is a metric");
}
my %reasons = map { $_ => 1 } IPFence::Gate::read_whole("$root/docs/reasons.md") =~ /^\| `([a-z_]+)`/mg;
ok($reasons{$_}, "$_ of a rule is a reason") for map { split /\|/ } map { /reason=~"([^"]+)"/ } @expressions;

# What if?
my $said = decode_json(get('/page/explain?operation=login&user=alice&ip=127.0.1.7&app=web&flow=web_server')->{body});
is("$said->{decision} $said->{reason} $said->{rule}", 'allow login_ip_range 127.0.1.0/24', 'what if: the decision');
is($said->{steps}[-1]{finding}, 'Yes: 127.0.1.7 is inside 127.0.1.0/24.', 'and its steps');
for my $case ([''], ['operation=fly'], ['operation=login&ip=1.2.3'], ['operation=login&flow=x'], ['operation=login&x=1'],
    ['operation=login&user=a&user=b'], ['operation=login&user=%ff%'], ['operation=login&refreshed=true'], ['operation=login&device_activated=yes']) {
    my $answer = get("/page/explain?$case->[0]");
    is($answer->{status}, 400, "what if '$case->[0]': 400");
    ok(length decode_json($answer->{body})->{error}, 'and what is wrong');
}
for my $case (['', 'outside_login_ip_ranges'], ['&refreshed=0', 'outside_login_ip_ranges'], ['&refreshed=', 'outside_login_ip_ranges'], ['&refreshed=1', 'refresh_token']) {
    my $answer = get("/page/explain?operation=access&user=alice&ip=127.0.9.1&app=refresh&flow=web_server$case->[0]");
    is(decode_json($answer->{body})->{reason}, $case->[1], "what if of a session with '$case->[0]'");
}
is(decode_json(get('/page/explain?operation=login&user=guest&ip=127.0.9.1&profile_claim=anywhere')->{body})->{reason}, 'outside_login_ip_ranges', 'what if: a claim that the policy does not look at');
is_deeply(counts(status()), counts($status), 'questions are not counted');

# The page.
my $page = get('/page/');
is($page->{status}, 200, 'the page');
like(scalar((IPFence::Http::header($page, 'content-security-policy'))[0] // ''), qr/^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';.* require-trusted-types-for 'script'; trusted-types 'none'$/, 'a strict policy');
unlike(scalar((IPFence::Http::header($page, 'content-security-policy'))[0] // ''), qr/unsafe|http|\*/, 'with no way out');
unlike($page->{body}, qr/<script(?! src="status\.js" defer><\/script>)| style=| on\w+=|https?:/, 'no inline script or style, nothing from elsewhere');
like(scalar((IPFence::Http::header($page, 'cache-control'))[0] // ''), qr/no-store/, 'never kept');
is(get("/page/$_")->{status}, 200, $_) for qw(status.js status.css status.svg status.json metrics);
is(get('/under/')->{status}, 200, 'at a location with a slash');
is(get('/page')->{status}, 301, 'without one, it is sent there');
like(scalar((IPFence::Http::header(get('/page'), 'location'))[0] // ''), qr{/page/$}, 'with its slash');
like(get('/metrics')->{body}, qr/\A# HELP ipfence_info /, 'a location for the metrics alone has them');
is(get('/metrics/')->{status}, 404, 'and no page');
is(ref decode_json(get('/own/status.json')->{body}), 'HASH', 'likewise one for the object');
is(get("/page/$_")->{status}, 404, "$_ is not there") for qw(other status.json/x);
is($gate->request(method => 'POST', path => '/page/status.json')->{status}, 405, 'nothing is posted to it');
my $head = $gate->request(method => 'HEAD', path => '/page/status.json');
is("$head->{status} " . length($head->{body} // ''), '200 0', 'HEAD');
$gate->write_file('parts.html', join(' ', map { "<!--# include virtual=\"/page/$_\" -->" } qw(status.json other metrics)) . 'the end');
like(get('/parts.html')->{body}, qr/\A\{.*404 Not Found.*ipfence_info.*the end/s, 'as parts of a page, which goes on behind them');

# O10: whatever was sent, no secret is on it.
my $everything = join '', map { get("/page/$_")->{body} } 'status.json', 'metrics', '';
unlike($everything, qr/hunter2-secret|opaque/, 'O10: no password, no token');

# Counters outlive a reload, and a killed worker.
my @before = sort +workers();
$gate->signal('HUP');
my $begin = time;
sleep 0.05 while time - $begin < 5 && grep { my $worker = $_; grep { $_ == $worker } workers() } @before;
is_deeply(counts(status()), counts($status), 'a reload keeps the counts');

# Names of any number and length.
login('alice', from => outside, client => 'u' x 119 . "\xc3\xa4" x 90);
login('alice', from => outside, client => "app$_") for 1 .. 80;
my $many = status();
is(scalar @{$many->{recent_denials}}, 50, 'the last fifty');
cmp_ok(scalar @{$many->{most_denied_apps}}, '<=', 32, 'names have bounds');
is($many->{most_denied_users}[0]{name}, 'alice', 'and who is denied most stays');

# A file that is faulty changes nothing, and must not go unseen: nginx would not start with it.
sub faults { my ($status) = @_; return join ' ', map { $status->{$_} ? 1 : 0 } qw(policy_faulty candidate_policy_faulty) }
sub faults_become {
    my ($expected, $what) = @_;
    my $end = time + 10;
    sleep 0.05 until faults(status()) eq $expected || time > $end;
    is(faults(status()), $expected, $what);
    my $metrics = join ' ', get('/page/metrics')->{body} =~ /^ipfence_policy_faulty\{file="(?:policy|candidate)"\} (\d)$/mg;
    is($metrics, $expected, "$what, for Prometheus");
}
faults_become('0 0', 'no file is faulty');
my $good = IPFence::Gate::read_whole($gate->file('policy.json'));
$gate->write_file('policy.json', $good =~ s/"ipfence"/"ipfense"/r);
faults_become('1 0', 'the policy is');
is(status()->{policy}, $many->{policy}, 'the one before it is in force');
unlink $gate->file('candidate.json');
faults_become('1 1', 'a candidate that has gone is, too');
$gate->write_file('policy.json', $good);
faults_become('0 1', 'the policy is put back');
like($gate->error_log, qr/policy\.json": is faulty no more, and is policy $many->{policy}, which is in force/, 'which the error log says');
$gate->write_file('candidate.json', JSON::PP->new->encode(world()));
faults_become('0 0', 'another candidate comes into force');
$gate->{expected_log} = [qr/(?:policy|candidate)\.json/];
$gate->finish;

# A denial by what a token claims is explained by that.
my $claims = gate(policy => world(default_profile => 'anywhere', profile_claim => 'group'), http => q(ipfence_zone 'zone=a"b:1m';), server => <<'CONF');
        location /token { ipfence token; proxy_pass http://provider; }
        location /page { ipfence_status; }
CONF
$claims->answers(tokens('guest', access_token => 'opaque', claims => {group => 'office'}));
is($claims->token({grant_type => 'authorization_code', code => 'c', client_id => 'web'}, from => outside)->{status}, 400, 'a profile that the token claims denies');
my ($denial) = @{decode_json($claims->request(method => 'GET', path => '/page/status.json')->{body})->{recent_denials}};
is("$denial->{profile} $denial->{claimed_profile}", 'office office', 'which the denial says');
my $question = join '&', 'operation=login', map { "$_->[0]=$denial->{$_->[1]}" } [qw(user user)], [qw(ip ip)], [qw(app app)], [qw(flow flow)], [qw(profile_claim claimed_profile)];
is(decode_json($claims->request(method => 'GET', path => "/page/explain?$question")->{body})->{reason}, 'outside_login_ip_ranges', 'and what if says of it');
like($claims->request(method => 'GET', path => '/page/metrics')->{body}, qr/^ipfence_zone_bytes\{zone="a\\"b"\} \d+$/m, 'a quote in the name of a zone ends no label');
$claims->finish;

done_testing;
