# Clients of HTTP/2 that leave while the gate waits: for an introspection, for an answer that it holds, for a revocation
# (catalogue, M08). What comes for them later finds nobody, and nothing else.

use strict;
use warnings;
use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep);
use IPFence::Gate;
use IPFence::Http2 qw(ask begin abandon);
use IPFence::World;

my $gate = gate(
    listen => 'http2',
    policy => world(),
    http => 'ipfence_zone zone=learned:1m;',
    server => <<'CONF',
        location /api { ipfence resource; ipfence_introspection /introspect; proxy_pass http://provider; }
        location /token { ipfence token; ipfence_revocation /revoke; proxy_pass http://provider; }
        location = /introspect { internal; ipfence off; proxy_pass http://provider; }
        location = /revoke { internal; ipfence off; proxy_pass http://provider; }
CONF
    expected_log => [qr/was not revoked|cannot be judged/],
);
my ($worker) = $gate->workers;
my $form = ['content-type', 'application/x-www-form-urlencoded'];
my $count = 0;

sub fields { my ($method, $path) = @_; return ([':method', $method], [':scheme', 'http'], [':authority', 'gate.test'], [':path', $path]) }

sub api { my $n = ++$count; return (fields => [fields('GET', '/api'), ['authorization', "Bearer opaque-$n"]], from => inside) }

sub exchange {
    my ($from) = @_;
    my $n = ++$count;
    return (fields => [fields('POST', '/token'), $form], body => form({grant_type => 'authorization_code', code => "c-$n", client_id => 'web'}), from => $from);
}

my %waiting = (
    'an introspection' => [json_answer({active => JSON::PP::true, sub => 'alice', client_id => 'web'}), sub { api() }],
    'an answer that is held' => [tokens('alice', access_token => 'A', padding => 'x' x 20_000), sub { exchange(inside) }],
    'an answer that is withheld' => [tokens('alice', access_token => 'B', refresh_token => 'C'), sub { exchange(outside) }],
);
for my $what (sort keys %waiting) {
    my ($answer, $request) = @{$waiting{$what}};
    for my $how (qw(reset continued closed)) {
        for my $when (0, 0.005, 0.02) {
            $gate->answers([0.01, $answer]);
            for (1 .. 4) {
                my $socket = begin($gate->{port}, $request->());
                sleep $when;
                abandon($socket, $how);
            }
        }
        sleep 0.1;
        my ($now) = $gate->workers;
        is($now, $worker, "M08: $how while the gate waits for $what: the worker lives");
        $gate->answers($answer);
        my $status = ask($gate->{port}, $request->())->{status};
        is($status, $what =~ /withheld/ ? 400 : 200, 'M08: and the next one is answered');
    }
}

is($gate->times_logged(qr/the provider gave no answer/), 0, 'M08: and the log does not say that it was the provider who left');

$gate->finish;
done_testing;
