# `ipfence lint` and nginx agree: what the lint lists is what a request gets through, and nothing else is.

use strict;
use warnings;
use Test::More;
use JSON::PP;
use IPFence::Gate;

my $program = IPFence::Gate::command_path();

# name => [a location of its own line, the path that leads there]
my %locations = (
    'a kind' => ['location /kind { ipfence token; proxy_pass http://provider; }', '/kind'],
    'a kind, by an address' => ['location /direct { ipfence token; proxy_pass http://PROVIDER; }', '/direct'],
    'a kind from a map' => ['location /mapped { ipfence $kind; proxy_pass http://provider; }', '/mapped'],
    'a kind and an if' => ['location /kind_if { ipfence token; if ($http_host) { proxy_pass http://PROVIDER; } }', '/kind_if'],
    'a kind and limit_except' => ['location /kind_except { ipfence token; limit_except GET { proxy_pass http://twin; } }', '/kind_except'],
    'a kind around it' => ['location /outer { ipfence token; location /outer/in { proxy_pass http://twin; } }', '/outer/in'],
    'nothing' => ['location /nothing { proxy_pass http://provider; }', '/nothing'],
    'nothing, by an address' => ['location /address { proxy_pass http://PROVIDER; }', '/address'],
    'nothing, by a name' => ['location /name { proxy_pass http://localhost:ITS_PORT; }', '/name'],
    'nothing, by a twin' => ['location /twin { proxy_pass http://twin; }', '/twin'],
    'nothing, by a set' => ['location /set { set $to twin; proxy_pass http://$to$request_uri; }', '/set'],
    'nothing, by a set of a guarded one' => ['location /guarded_set { set $into provider; proxy_pass http://$into; }', '/guarded_set'],
    'nothing, in an if' => ['location /if { if ($http_host) { proxy_pass http://twin; } }', '/if'],
    'nothing, in limit_except' => ['location /except { limit_except GET { proxy_pass http://twin; } }', '/except'],
    'nothing, in a nested one' => ['location /deny { ipfence token; location /deny/off { ipfence off; location /deny/off/in { proxy_pass http://twin; } } }', '/deny/off/in'],
    'off' => ['location /off { ipfence off; proxy_pass http://provider; }', '/off'],
    'off, by a twin' => ['location /off_twin { ipfence off; proxy_pass http://twin; }', '/off_twin'],
    'off, in an if' => ['location /off_if { ipfence off; if ($http_host) { proxy_pass http://provider; } }', '/off_if'],
    'off, inherited' => ['location /off_outer { ipfence off; location /off_outer/in { proxy_pass http://provider; } }', '/off_outer/in'],
    'a subrequest' => ['location /ask { internal; proxy_pass_request_body off; proxy_set_header Content-Length ""; proxy_pass http://twin; }', '/asks'],
    'a named location' => ['location @tried { proxy_pass http://twin; }', '/tries'],
    'a guarded named location' => ['location @stopped { proxy_pass http://provider; }', '/tries_guarded'],
    'another server' => ['location /elsewhere { proxy_pass http://127.0.0.1:1; }', '/elsewhere'],
);

my @names = sort keys %locations;
my $gate = gate(
    http => 'map $uri $kind { default token; } upstream twin { server PROVIDER; }',
    server => join("\n", '', (map { $locations{$_}[0] } @names),
        'location /asks { auth_request /ask; alias DIR/policy.json; }',
        'location /tries { try_files /none @tried; }', 'location /tries_guarded { try_files /none @stopped; }'),
    expected_log => [qr/ipfence_guard: refused/],
    stopped => 1,
);
$gate->{server} =~ s/ITS_PORT/$gate->{provider}{port}/g;
$gate->write_configuration;
$gate->start;

# The rules that the lint names for each line.
my $report = decode_json(scalar `$program lint --json @{[$gate->file('nginx.conf')]}`);
is($? >> 8, 1, 'there are errors');
my %rules;
push @{$rules{$_->{line}}}, $_->{rule} for @{$report->{findings}};
my @lines = split /\n/, $gate->{configuration};

# What the lint says of a location, of the ways to the provider.
sub said {
    my ($location) = @_;
    my ($line) = grep { index($lines[$_ - 1], $location) == 0 } 1 .. @lines;
    my @said = grep { /-location\z/ } @{$rules{$line} // []};
    return @said ? join ' ', @said : 'fine';
}

# What a password grant from outside, which must be denied, meets.
sub met {
    my ($path) = @_;
    my $status = $gate->token({grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web'},
        path => $path, from => outside)->{status};
    return 'a door' if $gate->provider_saw;
    return $status == 500 ? 'a guard' : 'nothing';
}

my %meaning = (
    'unguarded-location' => 'a door', 'off-location' => 'a door', 'refused-location' => 'a guard', 'fine' => 'nothing');
my %seen;
for my $name (@names) {
    my ($location, $path) = @{$locations{$name}};
    my $said = said((split /\{/, $location)[0] . '{');
    $seen{$said}++;
    is(met($path), $meaning{$said} // 'one finding', "$name: the lint says $said");
}
is(join(' ', sort keys %seen), join(' ', sort keys %meaning), 'each of them was said of some location');
$gate->finish;

# The error page of a denial.
for my $case (['twin', 1, 'error-page-around'], ['provider', 0, 'proxied-error-page']) {
    my ($upstream, $passes, $rule) = @$case;
    my $pages = gate(
        http => 'map $uri $kind { default refuse; } upstream twin { server PROVIDER; }',
        server => "location /token { ipfence \$kind; error_page 403 = \@around; proxy_pass http://$upstream; }
            location \@around { ipfence off; proxy_pass http://$upstream; }",
        expected_log => [qr/ipfence_guard: refused/],
    );
    $pages->token({});
    is(scalar $pages->provider_saw, $passes, "an error page that passes to $upstream");
    my $found = decode_json(scalar `$program lint --json @{[$pages->file('nginx.conf')]}`)->{findings};
    is(join(' ', grep { /error-page/ } map { $_->{rule} } @$found), $rule, "the lint says $rule");
    $pages->finish;
}

# Spellings that many providers take for the guarded path.
my %spelled = ('location = /token' => ['/TOKEN', '/token/'], 'location /token' => ['/TOKEN'], 'location ~* ^/token/?$' => []);
for my $location (sort keys %spelled) {
    my $gate = gate(server => "$location { ipfence token; proxy_pass http://provider; }
        location / { ipfence resource; proxy_pass http://provider; }");
    my @passed;
    for my $path ('/token', '/TOKEN', '/token/') {
        $gate->token({grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web'},
            path => $path, from => outside);
        push @passed, $path if $gate->provider_saw;
    }
    is("@passed", "@{$spelled{$location}}", "$location: what passes");
    my $found = decode_json(scalar `$program lint --json @{[$gate->file('nginx.conf')]}`)->{findings};
    my @said = map { $_->{what} =~ /\A"(.*?)"/ } grep { $_->{rule} eq 'other-spellings' } @$found;
    is("@said", "@passed", 'the lint says so');
    $gate->finish;
}
done_testing;
