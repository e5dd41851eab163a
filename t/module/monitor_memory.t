# What is issued under ipfence_mode monitor is remembered, though the request was to be denied: it is used where denials are
# enforced, and once they are.

use strict;
use warnings;
use Test::More;
use IPFence::Gate;
use IPFence::World;

my $gate = gate(
    policy => world(),
    http => 'ipfence_zone zone=tokens:1m;',
    server => <<'CONF',
        location = /token { ipfence token; proxy_pass http://provider; }
        location = /monitored { ipfence token; ipfence_mode monitor; proxy_pass http://provider; }
        location = /api { ipfence resource; proxy_pass http://provider; }
CONF
);

# Tokens that are issued to who is to be denied; the audit lines.
sub issue {
    my ($name, $parameters, %with) = @_;
    $gate->answers(tokens($with{answers} // 'alice', access_token => "access-$name", refresh_token => "refresh-$name"));
    $gate->audit;
    my $response = $gate->token($parameters, path => '/monitored', from => $with{from} // outside);
    is($response->{status}, 200, "$name: passes");
    my @lines = $gate->audit;
    is(scalar @lines, 1, "$name: a line");
    is("$lines[0]{decision} $lines[0]{enforced} $lines[0]{phase}", 'deny 0 request', "$name: which says that it was to be denied");
    $gate->answers(page('ok'));
}

sub api {
    my ($name, $from) = @_;
    my $status = $gate->request(method => 'GET', path => '/api', from => $from, headers => [['Authorization', "Bearer access-$name"]])->{status};
    my $line = $gate->last_audit;
    return join ' ', $status, map { $_ // '-' } @$line{qw(user app flow reason)};
}

sub exchange {
    my ($name) = @_;
    $gate->answers(tokens('alice', access_token => "exchanged-$name"));
    $gate->token({grant_type => 'urn:ietf:params:oauth:grant-type:token-exchange', subject_token => "access-$name",
        subject_token_type => 'urn:ietf:params:oauth:token-type:access_token', client_id => 'relaxed'}, from => outside);
    my $line = $gate->last_audit;
    return "$line->{decision} $line->{flow}";
}

my %password = (grant_type => 'password', username => 'alice', password => 'secret', client_id => 'web');
my %refresh = (grant_type => 'refresh_token', client_id => 'web');

issue('typed', \%password);
is(api('typed', inside), '200 alice web username_password login_ip_range', 'the tokens of a typed user');
is(api('typed', outside), '403 alice web username_password outside_login_ip_ranges', 'are enforced by who that is');
issue('refreshed', {%refresh, refresh_token => 'refresh-typed'});
is(api('refreshed', inside), '200 alice web username_password login_ip_range', 'those of a refresh');
issue('another', \%password, answers => 'robin');
is(api('another', outside), '200 robin web username_password no_login_ip_ranges', 'those of another user than was typed');

my $assertion = jwt({iss => 'partner', sub => 'alice', aud => 'token'});
issue('asserted', {grant_type => 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion => $assertion, client_id => 'relaxed'});
is(exchange('asserted'), 'deny jwt_bearer', 'F12: an assertion made it, whatever it is exchanged for');

issue('service', {grant_type => 'client_credentials', client_id => 'service'});
is(api('service', inside), '200 alice service client_credentials login_ip_range', 'those of an app');

for my $answer ([no_token => json_answer({error => 'x'}, '400 Bad Request')], [unreadable => json_answer('[')]) {
    $gate->answers($answer->[1]);
    $gate->token(\%password, path => '/monitored', from => outside);
    is(join(' ', map { $_->{reason} } $gate->audit), 'outside_login_ip_ranges', "$answer->[0]: a line all the same");
}

$gate->finish;
done_testing;
