# However a body arrives, and wherever nginx keeps it, the verdict is the same (catalogue: D20, D21).

use strict;
use warnings;
use Test::More;
use IPFence::Gate;
use IPFence::Http;

my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');
my $padding = 'pad=' . 'x' x 9000;
my $body = "$padding&" . form(\%password);

sub chunks { my ($text, $size) = @_; return join('', map { sprintf "%x\r\n%s\r\n", length $_, $_ } unpack "(a$size)*", $text) . "0\r\n\r\n" }

my %settings = (
    'in memory' => '',
    'in two buffers' => 'client_body_buffer_size 1k; client_body_in_single_buffer off;',
    'in a file' => 'client_body_in_file_only on;',
    'in a file that is removed' => 'client_body_in_file_only clean; client_body_buffer_size 1k;',
    'in the smallest buffer' => 'client_body_buffer_size 1;',
    'in a single buffer' => 'client_body_in_single_buffer on; client_body_buffer_size 64k;',
    'unbuffered' => 'proxy_request_buffering off;',
);
for my $where (sort keys %settings) {
    my $gate = gate(http => $settings{$where});
    my %shapes = (
        'plain' => {body => $body},
        'chunked' => {body => chunks($body, 700), headers => [['Transfer-Encoding', 'chunked']]},
        'segmented' => {body => $body, segments => 500, pause => 0.001},
        'short, byte by byte' => {body => form(\%password), segments => 1, pause => 0.0005},
        '100-continue' => {body => $body, headers => [['Expect', '100-continue']]},
        'HTTP/1.0' => {body => $body, version => '1.0'},
    );
    for my $shape (sort keys %shapes) {
        is($gate->request(%{$shapes{$shape}})->{status}, 200, "D21: $where, $shape: inside");
        my ($saw) = $gate->provider_saw;
        my $sent = $shape =~ /short/ ? form(\%password) : $body;
        is((split /\r\n\r\n/, $saw, 2)[1], $sent, "D21: $where, $shape: the provider gets what was judged");
        is($gate->request(%{$shapes{$shape}}, from => outside)->{status}, 400, "D21: $where, $shape: outside");
        is(scalar $gate->provider_saw, 0, "D21: $where, $shape: unseen");
    }
    my %password_of_robot = (%password, username => 'robot');
    for my $twice ("client_id=web&$padding&" . form(\%password), form(\%password_of_robot) . "&$padding&username=alice", "$padding&" . form(\%password) . '&%00=1') {
        like(json_error($gate->request(body => $twice)), qr/\A400 invalid_request/, "D20: $where: what stands before and behind the padding is read together");
        is(scalar $gate->provider_saw, 0, "D20: $where: unseen");
    }
    like(json_error($gate->request(body => chunks("x=" . 'y' x 200_000, 5000), headers => [['Transfer-Encoding', 'chunked']])),
        qr/\A413 invalid_request/, "$where: chunked and too large");
    like(json_error($gate->request(body => chunks("x=" . 'y' x 70_000, 5000), segments => 3000, pause => 0.001,
        headers => [['Transfer-Encoding', 'chunked']])), qr/\A413 invalid_request/, "$where: too large, slowly");
    is(join(' ', @{$gate->last_audit}{qw(phase reason)}), 'request request_too_large', "$where: audited");
    is(scalar $gate->provider_saw, 0, "$where: unseen");
    $gate->finish;
}

# Keep-alive and pipelining: each request has its own verdict, in order, and is answered once.
my $gate = gate();
sub raw {
    my ($parameters, %with) = @_;
    my $text = form($parameters);
    my $close = $with{close} ? "Connection: close\r\n" : '';
    return "POST /token HTTP/1.1\r\nHost: gate.test\r\n${close}Content-Type: application/x-www-form-urlencoded\r\n"
        . "Content-Length: ${\ length $text}\r\n\r\n$text";
}
my %robot = (%password, username => 'robot');
my @requests = (\%password, \%robot, {%password, client_id => ''}, \%robot, \%password, \%robot);
my $pipeline = join('', map { raw($_) } @requests[0 .. 4]) . raw($requests[5], close => 1);
for my $segments (undef, 100) {
    my @responses = $gate->send_raw($pipeline, from => outside, segments => $segments);
    is(join(' ', map { $_->{status} } @responses), '400 200 400 200 400 200', 'a pipeline of mixed verdicts');
    is(scalar $gate->provider_saw, 3, 'of which the provider sees the allowed ones');
}
my @responses = $gate->send_raw(raw(\%robot) . "GET /token HTTP/1.1\r\nHost: x\r\n\r\n" . raw(\%robot, close => 1), from => outside);
is(join(' ', map { $_->{status} } @responses), '200 405 200', 'a refusal keeps the connection usable');
$gate->provider_saw;
my @none = $gate->send_raw("POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    . "Content-Length: 50\r\n\r\nshort", timeout => 0.3);
is(scalar @none, 0, 'half a body is no request');
$gate->send_raw("POST /token\r\n", timeout => 0.3);
is(scalar $gate->provider_saw, 0, 'and HTTP/0.9 reaches nobody');
$gate->finish;

# HTTP/2.
my $h2 = gate(listen => 'http2');
for my $case ([inside, 200], [outside, 400]) {
    my ($from, $status) = @$case;
    for my $data ($body, form(\%password)) {
        $h2->write_file('body', $data);
        my $got = `curl -s -o /dev/null -w '%{http_version} %{http_code}' --http2-prior-knowledge --interface $from --data-binary \@${\ $h2->file('body')} http://127.0.0.1:$h2->{port}/token`;
        is($got, "2 $status", "HTTP/2 from $from");
    }
}
$h2->answers("HTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\n{\"access_token\":\"opaque\"}");
my $got = `curl -s --http2-prior-knowledge -d 'grant_type=authorization_code&code=c&client_id=web' http://127.0.0.1:$h2->{port}/token`;
is($got, '{"error":"invalid_grant","error_description":"ip restricted"}', 'HTTP/2: a replaced answer');
$h2->finish;
done_testing;
