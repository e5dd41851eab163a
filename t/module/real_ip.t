# nginx's realip beside the gate: wherever it is configured, the decision is about the address that it found.

use strict;
use warnings;
use Test::More;
use IPFence::Gate;

my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');
my $realip = 'set_real_ip_from 127.0.0.0/8; real_ip_header X-Forwarded-For;';
my %places = (
    'K11: in the location' => ['', $realip],
    'in the server' => [$realip, ''],
);
for my $where (sort keys %places) {
    my ($in_server, $in_location) = @{$places{$where}};
    my $gate = gate(server => "$in_server location /token { $in_location ipfence token; proxy_pass http://provider; }");
    for my $case (['127.0.1.9', outside, 200], ['127.0.2.9', inside, 400]) {
        my ($address, $from, $status) = @$case;
        my $response = $gate->token(\%password, from => $from, headers => [['X-Forwarded-For', $address]]);
        is($response->{status}, $status, "$where: $address, whoever forwards it");
        is($gate->last_audit->{ip}, $address, "$where: audited as that");
        is(scalar(my @seen = $gate->provider_saw), $status == 200 ? 1 : 0, "$where: and forwarded or not");
    }
    $gate->finish;
}
done_testing;
