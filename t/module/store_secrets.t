# Threat P17: no secret and no name is in what Redis keeps, in what it is told, or in what the gate says about it.

use strict;
use warnings;
use IO::Select;
use Test::More;
use Time::HiRes qw(sleep);
use IPFence::Gate;
use IPFence::Nodes;
use IPFence::Redis;
use IPFence::Resp;
use IPFence::Secrets;
use IPFence::World;

my $password = secret('password of the store');
my $redis = redis(password => $password, settings => {appendonly => 'yes', save => '3600 1'});
my $names = {user => known_secret('the name of the user', 'alice.long.name@example.test'), app => known_secret('the name of the app', 'an-app-with-a-long-name')};
my $policy = world();
$policy->{users}{$names->{user}} = 'anywhere';
$policy->{apps}{$names->{app}} = {};
my @nodes = nodes(2, policy => $policy, store => $redis->url, http => 'error_log DIR/debug.log debug; ipfence_device_cookie device key=device.keys;',
    files => {'device.keys' => unpack('H*', secret('key of device cookies') . '12345678') . "\n"},
    server_more => 'location = /verify { ipfence verification; ipfence_verified 1; ipfence_user alice; proxy_pass http://provider; }');
my ($first, $second) = @nodes;
known_secret('shared key', store_key() =~ s/\s//gr);

# What Redis is told: every command, as it comes.
my $monitor = IPFence::Resp->connect($redis->{port});
$monitor->ask('AUTH', $password);
is($monitor->ask('MONITOR'), 'OK', 'Redis shows what it is told');

my %secret = map { $_ => secret($_) } qw(code access refresh session id client_secret verifier device_code);
my @form = (client_id => $names->{app}, client_secret => $secret{client_secret});
$first->answers(redirect("https://app.test/cb?code=$secret{code}", set_cookie('sid', $secret{session})));
$first->request(method => 'GET', path => "/auth?client_id=$names->{app}");
$first->answers(tokens($names->{user}, access_token => $secret{access}, refresh_token => $secret{refresh}, claims => {jti => $secret{id}}));
is($second->token({grant_type => 'authorization_code', code => $secret{code}, code_verifier => $secret{verifier}, @form})->{status}, 200, 'a login');
$first->answers(page('ok'));
is($first->request(method => 'GET', path => '/api', from => outside, headers => [['Authorization', "Bearer $secret{access}"]])->{status}, 200, 'an API call elsewhere');
is($first->request(method => 'GET', path => '/welcome', headers => [['Cookie', "sid=$secret{session}"]])->{status}, 200, 'a page');
$second->request(method => 'GET', path => '/verify', headers => [['Cookie', "sid=$secret{session}"]]);
my $rotated = secret('rotated refresh token');
$second->answers(tokens(undef, access_token => secret('second access token'), refresh_token => $rotated));
is($first->token({grant_type => 'refresh_token', refresh_token => $secret{refresh}, @form})->{status}, 200, 'a refresh');
$first->answers(page('ok'));
# Keys that would be commands, patterns or cluster tags, were they written as they are (L17).
for my $odd ("a\r\nFLUSHALL\r\n", '*', '{tag}', "\0", 'ipfence:generation') {
    $first->request(method => 'GET', path => '/api', headers => [['Authorization', 'Bearer ' . ($odd =~ s/[\r\n\0]/_/gr)]]);
    $first->token({grant_type => 'refresh_token', refresh_token => $odd, client_id => $odd});
}
revoke($first, 'x');
is($second->request(path => '/revoke', body => "token=$rotated")->{status}, 200, 'a revocation');

ok(search_terms() > 100, search_terms() . ' spellings are looked for');
my $told = $monitor->{buffer};
while ($monitor->{select}->can_read(0.2)) { last unless sysread $monitor->{socket}, $told, 65536, length $told }
cmp_ok(scalar(() = $told =~ /^\+/mg), '>', 20, 'Redis was told things');
is_deeply([secrets_in($told)], [], 'none of them is a secret');
unlike($told, qr/FLUSHALL/, 'L17: nor a command that a client sent');
is($redis->ask('SAVE'), 'OK', 'Redis writes all down');
my $written = join '', map { IPFence::Gate::read_whole($_) } glob($redis->file("dump.rdb") . " " . $redis->file("appendonlydir/*"));
cmp_ok(length $written, '>', 1000, length($written) . ' bytes');
is_deeply([secrets_in($written)], [], 'P17: no secret and no name is in the dump or in the append-only file');
for my $node (@nodes) {
    my $audit = IPFence::Gate::read_whole($node->file('audit.ndjson'));
    is_deeply([grep { !/\Athe name of/ } secrets_in($audit)], [], 'nor in the audit log');
    my $status = join '', map { $node->request(method => 'GET', path => "/status/$_")->{body} } '', 'status.json', 'metrics';
    is_deeply([grep { !/\Athe name of/ } secrets_in($status)], [], 'nor in the status');
    my @ours = grep { /ipfence/ } map { $_->[1] } log_records(IPFence::Gate::read_whole($node->file('debug.log')));
    is_deeply([grep { !/\Athe name of/ } secrets_in(join '', @ours)], [], 'nor in what the gate says at the debug level');
}
ok(is_secret_in('password of the store', "auth $password"), 'the search finds what is there');

$_->finish for reverse @nodes;
done_testing;
