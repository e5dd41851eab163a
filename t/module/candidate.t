# ipfence_candidate: a second policy decides the same requests, and is only logged.

use strict;
use warnings;
use Test::More;
use JSON::PP;
use Time::HiRes qw(sleep time);
use IPFence::Gate;
use IPFence::World;

sub text_of { return JSON::PP->new->canonical->pretty->encode($_[0]) }

# The office has moved, and what is remembered is held to it on every request.
sub candidate {
    my ($range, %organization) = @_;
    my $policy = world(%organization);
    $policy->{profiles}{office}{login_ip_ranges} = [$range];
    return $policy;
}

my $gate = gate(
    policy => world(continuous_ip_enforcement => JSON::PP::false),
    files => {'candidate.json' => text_of(candidate('127.0.2.0/24'))},
    expected_log => [qr/candidate\.json/],
    http => 'ipfence_candidate candidate.json; ipfence_zone zone=learned:1m;
        log_format flips "$uri $ipfence_decision $ipfence_candidate_decision $ipfence_candidate_reason";',
    server => <<'CONF',
        access_log DIR/flips flips;
        ipfence_session_cookie session;
        location /token { ipfence token; proxy_pass http://provider; }
        location /api { ipfence resource; proxy_pass http://provider; }
        location /password { ipfence password_change; proxy_pass http://provider; }
        location /off { ipfence off; proxy_pass http://provider; }
CONF
);

my %alice = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');

# "decision reason / the candidate's decision reason", and a mark where they differ.
sub verdicts {
    my ($line) = @_;
    my $flip = $line->{candidate_flip} ? ' FLIP' : '';
    return sprintf '%s %s / %s %s%s', map({ $line->{$_} // '-' } qw(decision reason candidate_decision candidate_reason)), $flip;
}

sub token_verdicts {
    my ($parameters, %with) = @_;
    my $response = $gate->token($parameters, %with);
    return "$response->{status} " . join ', ', map { verdicts($_) } $gate->audit;
}

is(token_verdicts(\%alice),
    '200 allow login_ip_range / deny outside_login_ip_ranges FLIP', 'allowed still, which the candidate would deny');
is(token_verdicts(\%alice, from => outside),
    '400 deny outside_login_ip_ranges / allow login_ip_range FLIP', 'denied still, which the candidate would allow');
is(token_verdicts(\%alice, from => '127.0.9.1'),
    '400 deny outside_login_ip_ranges / deny outside_login_ip_ranges', 'both deny: no flip');
is(token_verdicts({%alice, username => 'robin'}),
    '200 allow no_login_ip_ranges / allow no_login_ip_ranges', 'both allow: no flip');
is(token_verdicts('grant_type=password&grant_type=x'), '400 deny ambiguous_request / - -',
    'what is refused without a decision has none of the candidate');

my $line = do { $gate->token(\%alice); $gate->last_audit };
is($line->{candidate_rule}, 'profiles.office.login_ip_ranges', 'the rule of the candidate');
is($line->{candidate_profile}, 'office', 'and the profile');
like($line->{candidate_policy}, qr/^[0-9a-f]{12}$/, 'and which policy that is');
isnt($line->{candidate_policy}, $line->{policy}, 'which is not the one in force');

# Decided by the answer: the candidate has it, too.
$gate->answers(tokens('alice', access_token => 'A1'));
is(token_verdicts({grant_type => 'authorization_code', code => 'c1', client_id => 'web'}),
    '200 allow login_ip_range / deny outside_login_ip_ranges FLIP', 'a code: decided on the answer by both');
$gate->answers(tokens('alice', access_token => 'A2'));
is(token_verdicts({grant_type => 'authorization_code', code => 'c2', client_id => 'relaxed'}, from => outside),
    '200 allow relaxed_app / allow relaxed_app', 'of a relaxed app');

# The policy in force checks logins only; the candidate every request.
sub api { my (%with) = @_; my $response = $gate->request(method => 'GET', path => '/api', %with); return "$response->{status} " . verdicts($gate->last_audit) }
sub bearer { my ($token) = @_; return headers => [['Authorization', "Bearer $token"]] }
is(api(bearer('A1')), '200 allow not_continuous / deny outside_login_ip_ranges FLIP', 'a request inside a session: what continuous enforcement would deny');
is(api(bearer('A1'), from => outside), '200 allow not_continuous / allow login_ip_range', 'and what it would allow');
is(api(bearer('nobody')), '200 allow not_continuous / deny user_unidentified FLIP', 'a token that nobody knows');
is(api(), '200 allow not_continuous / - -', 'without a credential there is nothing to decide');
is(api(headers => [['Authorization', 'Bearer A1']], path => '/api?access_token=A2'),
    '200 allow not_continuous / - -', 'one with two tokens is not refused for the candidate');
my $page = $gate->request(method => 'GET', path => '/password', bearer('A2'), from => outside);
is("$page->{status} " . verdicts($gate->last_audit), '200 allow not_continuous / deny sensitive_operation FLIP',
    'a sensitive page in the session of a relaxed app');

$gate->request(method => 'GET', path => '/off');
is(scalar $gate->audit, 0, 'where nothing is decided, the candidate decides nothing');

# What the candidate said then is what a replay of the log says of it now, but for those who were not looked for.
my @logged = map { decode_json($_) } split /\n/, IPFence::Gate::read_whole($gate->file('audit.ndjson'));
my @decided = grep { defined $_->{candidate_decision} && ($_->{reason} ne 'not_continuous' || defined $_->{user}) } @logged;
my $program = IPFence::Gate::command_path();
my $replayed = decode_json(scalar `'$program' replay --json --policy '@{[$gate->file('candidate.json')]}' '@{[$gate->file('audit.ndjson')]}'`);
cmp_ok(scalar @decided, '>', 5, 'there is a log to replay');
is($replayed->{decisions}, scalar @decided, 'each decision is replayed');
is($replayed->{flips}, scalar(grep { $_->{candidate_flip} } @decided), 'and flips where it did');
my %reasons;
$reasons{$_->{candidate_reason}}++ for @decided;
is_deeply({map { $replayed->{reasons}{$_}{after} ? ($_ => $replayed->{reasons}{$_}{after}) : () } keys %{$replayed->{reasons}}},
    \%reasons, 'for the same reasons');

# It is picked up while nginx runs, and a faulty one changes nothing.
sub seconds_until_candidate {
    my ($policy, $wanted) = @_;
    $gate->write_file('candidate.json', ref $policy ? text_of($policy) : $policy);
    my $begin = time;
    my $seen;
    do { sleep 0.05; $seen = token_verdicts(\%alice) } until $seen eq $wanted || time - $begin > 5;
    is($seen, $wanted, 'the candidate is picked up');
    return time - $begin;
}
cmp_ok(seconds_until_candidate(candidate('127.0.1.0/24'), '200 allow login_ip_range / allow login_ip_range'), '<', 2, 'within two seconds');
$gate->write_file('candidate.json', '{"ipfence": 1');
my $deadline = time + 5;
sleep 0.05 until $gate->error_log =~ /candidate\.json.*is not JSON/ || time > $deadline;
like($gate->error_log, qr/candidate\.json:1: is not JSON/, 'a faulty one is logged');
is(token_verdicts(\%alice), '200 allow login_ip_range / allow login_ip_range', 'and changes nothing');
unlike($gate->error_log, qr/policy\.json/, 'nor does the policy in force care');

is((grep { $_ eq '/token allow deny outside_login_ip_ranges' } $gate->log_lines('flips', 10)) > 0, 1, 'the variables say it, too');

like($gate->error_log, qr/\[warn\].*requests that "ipfence_candidate" decides otherwise, since this was last said: \d+/, 'N10: the error log says that the candidate decides otherwise');
$gate->finish;

# A candidate that looks at no claim decides without, as it will when it is in force.
my $claims = gate(policy => world(profile_claim => 'group'), files => {'candidate.json' => text_of(world())}, http => 'ipfence_candidate candidate.json;', expected_log => [qr/decides otherwise/]);
$claims->answers(tokens('guest', access_token => 'A', claims => {group => 'anywhere'}));
$claims->token({grant_type => 'authorization_code', code => 'c', client_id => 'web'}, from => outside);
is(verdicts($claims->last_audit), 'allow no_login_ip_ranges / deny outside_login_ip_ranges FLIP', 'a profile that a token claims');
$claims->finish;

# Nothing of an answer depends on the candidate, whatever it says.
my %allows = (ipfence => 1, organization => {default_profile => undef}, profiles => {}, users => {}, apps => {});
for my $case ([as_it_is => ''], [with_a_candidate => 'ipfence_candidate candidate.json;']) {
    my ($name, $directive) = @$case;
    my $same = gate(http => $directive, files => {'candidate.json' => text_of(\%allows)});
    my @answers;
    for my $from (inside, outside) {
        $same->token(\%alice, from => $from);
        (my $raw = $same->{last}{response}) =~ s/\r\nDate: [^\r]*//;
        push @answers, $raw;
    }
    $case->[2] = \@answers;
    $same->finish;
    our $first //= \@answers;
    is_deeply(\@answers, $first, "answers $name are the same");
}

my $broken = gate(stopped => 1, http => 'ipfence_candidate candidate.json;', files => {'candidate.json' => '{}'});
my ($code, $output) = $broken->test_configuration;
isnt($code, 0, 'a faulty candidate at start is an error');
like($output, qr/candidate\.json.*ipfence/, 'that names the file');

done_testing;
