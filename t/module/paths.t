# The shipped configuration: whatever a provider may take for a guarded path is judged as that path, or refused, and
# never forwarded unjudged (catalogue, group A).

use strict;
use warnings;
use Test::More;
use IPFence::Gate;
use IPFence::Shipped;
use IPFence::Spellings;

my $gate = shipped_gate(expected_log => [qr/which is no kind/]);
my %service = (grant_type => 'client_credentials', client_id => 'service');    # runs as alice
my $token = '/oauth/token';

# What becomes of a token request with this target: `judged` by the policy, from inside and from outside, and
# forwarded as it was written; `refused` for everybody, by the gate (403 or 400) or by nginx (400).
sub fate {
    my ($target, %with) = @_;
    my ($in, $out) = map { [met($target, %with, from => $_)] } inside, outside;
    return 'forwarded unjudged' if $out->[1] || ($in->[1] && $in->[2] ne 'token allow');
    return 'changed on its way' if $in->[1] && $in->[3] ne $target;
    return 'judged' if "@$in[0 .. 2] @$out[0 .. 2]" eq '200 1 token allow 400 0 token deny';
    return 'refused' if $in->[0] =~ /\A40[03]\z/ && $out->[0] eq $in->[0] && !$in->[1];
    return "inside @$in, outside @$out";
}

# (status, how many requests the provider saw, what the audit says, the target that the provider saw)
sub met {
    my ($target, %with) = @_;
    my $response = $gate->token(\%service, path => $target, %with);
    my @saw = $gate->provider_saw;
    my $line = $gate->last_audit;
    my ($seen) = @saw ? $saw[0] =~ /\A\w+ (.*) HTTP/ : ();
    return ($response ? $response->{status} : 'closed', scalar @saw, join(' ', $line->{kind} // '-', $line->{decision} // '-'), $seen);
}

is(fate($token), 'judged', 'the path as it should be written');
for my $spelling (spellings()) {
    my ($id, $wanted, $target) = @$spelling;
    is(fate($target), $wanted, "$id: ${\ shown($target) } is $wanted");
}
for my $other ('/oauth/tokens', '/oauth/token-list', '/login?next=/oauth/token', '/') {
    is($gate->request(method => 'GET', path => $other, from => outside)->{status}, 200, "$other is another path, and passes");
    is(scalar $gate->provider_saw, 1, 'and reaches the provider');
}

# A14: whose server decides, and whose tenant the provider serves, is one name.
sub named {
    my ($target, $host) = @_;
    my $body = form(\%service);
    my @met = map {
        my $response = $gate->send_raw("POST $target HTTP/1.1\r\nHost: $host\r\nConnection: close\r\n"
            . "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${\ length $body}\r\n\r\n$body", from => $_);
        join ' ', $response ? $response->{status} : 'closed', scalar(() = $gate->provider_saw);
    } inside, outside;
    return join ', ', @met;
}
my $takes_any_host = !nginx_since('1.29.4');
my %met = (judged => '200 1, 400 0', refused => '400 0, 400 0', elsewhere => 'closed 0, closed 0');
for my $case (
    ["http://gate.test$token", 'gate.test', 'judged'], ["http://GATE.test$token", 'gate.TEST', 'judged'],
    ["http://gate.test:80$token", 'gate.test:80', 'judged'], ["http://gate.test$token", 'other.test', 'refused'],
    ["http://gate.test$token", 'gate.test:8080', 'refused'], ["http://gate.test:80$token", 'gate.test', 'refused'],
    ["http://gate.test.$token", 'gate.test', 'refused'], ["http://a\@gate.test$token", 'gate.test', 'refused'],
    ["http://other.test$token", 'gate.test', 'elsewhere'], [$token, 'gate.test.', 'judged'], [$token, 'a@gate.test', $takes_any_host ? 'elsewhere' : 'refused'],
) {
    my ($target, $host, $wanted) = @$case;
    is(named($target, $host), $met{$wanted}, "A14: $target with Host: $host is $wanted");
}

$gate->finish;
done_testing;
