# ipfence_geoip: networks by country and autonomous system (catalogue N12 to N14, P11).

use strict;
use warnings;
use File::Temp qw(tempdir);
use JSON::PP;
use Socket ();
use Test::More;
use Time::HiRes qw(sleep time);
use IPFence::Gate;
use IPFence::Geoip;
use IPFence::World;

my $directory = tempdir(CLEANUP => 1);
chmod 0755, $directory;
my %countries = ('127.0.4.0/24' => 'DE', '127.0.5.0/24' => 'FR', '2001:db8:4::/48' => 'DE', '127.0.6.0/24' => 'de');
my $country = country_database("$directory/country.mmdb", %countries);
my $asn = asn_database("$directory/asn.mmdb", '127.0.7.0/24' => 64496, '127.0.5.0/24' => 64497);

my $policy = world();
$policy->{networks} = {germany => {countries => ['DE', 'AT']}, carrier => {asns => [64496]}, both => {ranges => ['127.0.8.1'], countries => ['FR']}};
$policy->{profiles}{office}{login_ip_ranges} = ['network:germany', 'network:carrier', '127.0.1.0/24'];
$policy->{apps}{branch}{trusted_ip_ranges} = ['network:both'];

my $gate = gate(
    policy => $policy,
    http => "ipfence_geoip country=$country asn=$asn; ipfence_zone zone=learned:1m;",
    expected_log => [qr/ipfence_geoip: .*country\.mmdb/],
    server => 'ipfence_client_address $http_x_address; location /token { ipfence token; proxy_pass http://provider; }',
);

sub verdict {
    my ($address, $client) = @_;
    my $response = $gate->token({grant_type => 'password', username => 'alice', password => 'pw', client_id => $client // 'web'},
        headers => [['X-Address', $address]]);
    my $line = $gate->last_audit;
    return "$response->{status} $line->{reason} $line->{rule}";
}

is(verdict('127.0.4.9'), '200 login_ip_range country:DE', 'N14: a country of the list');
is(verdict('2001:db8:4::9'), '200 login_ip_range country:DE', 'in IPv6, too');
is(verdict('::ffff:127.0.4.9'), '200 login_ip_range country:DE', 'a mapped address is the IPv4 address');
is(verdict('127.0.7.9'), '200 login_ip_range asn:64496', 'an autonomous system of the list');
is(verdict('127.0.1.9'), '200 login_ip_range 127.0.1.0/24', 'a range comes first');
is(verdict('127.0.5.9'), '400 outside_login_ip_ranges profiles.office.login_ip_ranges', 'another country and system');
is(verdict('127.0.9.9'), '400 outside_login_ip_ranges profiles.office.login_ip_ranges', 'N14: an address that the database does not know is in no country');
is(verdict('2001:db8:9::1'), '400 outside_login_ip_ranges profiles.office.login_ip_ranges', 'nor one of IPv6');
is(verdict('127.0.6.9'), '400 outside_login_ip_ranges profiles.office.login_ip_ranges', 'what is no country code is no country');

for my $address ('::127.0.4.9', '2002:7f00:409::1', '2001:0:7f00:409::1', '64:ff9b::127.0.4.9') {
    is(verdict($address), '400 outside_login_ip_ranges profiles.office.login_ip_ranges', "C16: $address is not where the address is that it holds");
}

sub code_verdict {
    my ($address) = @_;
    $gate->answers(tokens('alice', access_token => 'A' . time));
    my $response = $gate->token({grant_type => 'authorization_code', code => 'c' . time, client_id => 'branch'}, headers => [['X-Address', $address]]);
    my $line = $gate->last_audit;
    return "$response->{status} $line->{reason} $line->{rule}";
}
is(code_verdict('127.0.5.9'), '200 app_ip_range country:FR', 'a country among the trusted ranges of an app');
is(code_verdict('127.0.4.9'), '400 outside_app_ip_ranges apps.branch.trusted_ip_ranges', 'and only from it');

# Replaced, cut short, gone: while nginx runs.
sub seconds_until {
    my ($address, $wanted) = @_;
    my $begin = time;
    my $seen = '';
    sleep 0.05 while ($seen = verdict($address)) ne $wanted && time - $begin < 5;
    is($seen, $wanted, "$address: $wanted");
    return time - $begin;
}
country_database($country, %countries, '127.0.9.0/24' => 'AT');
cmp_ok(seconds_until('127.0.9.9', '200 login_ip_range country:AT'), '<', 2.5, 'N12: a replaced database is read again');

open my $cut, '+<:raw', $country or die;
truncate $cut, 100;
close $cut;
is(verdict('127.0.9.9'), '200 login_ip_range country:AT', 'N13: a file that is cut short under it harms nothing');
sleep 1.5;
is(verdict('127.0.9.9'), '200 login_ip_range country:AT', 'N13: the old one stays');
like($gate->error_log, qr/\[error\].*ipfence_geoip: \S*country\.mmdb: is no MaxMind database.*stay in use/, 'and the log says why');
unlink $country;
sleep 1.5;
is(verdict('127.0.4.9'), '200 login_ip_range country:DE', 'N13: also when it is gone');
system('mkfifo', $country) == 0 or die 'mkfifo';
sleep 1.5;
is(verdict('127.0.4.9'), '200 login_ip_range country:DE', 'and when a pipe is there, for whose writer nobody waits');
like($gate->error_log, qr/\[error\].*ipfence_geoip: \S*country\.mmdb: is not a regular file, and nginx does not wait/, 'as the log says');
unlink $country;
asn_database($country, '127.0.4.0/24' => 64496);
sleep 1.5;
is(verdict('127.0.4.9'), '200 login_ip_range country:DE', 'and when another kind of database is there');
like($gate->error_log, qr/\[error\].*ipfence_geoip: \S*country\.mmdb: has no country of any address .*stay in use/, 'as the log says');
country_database($country, '127.0.9.0/24' => 'FR');
cmp_ok(seconds_until('127.0.9.9', '400 outside_login_ip_ranges profiles.office.login_ip_ranges'), '<', 2.5, 'the next good one is read');

# The command line says what the database says.
my $program = IPFence::Gate::command_path();
my $file = $gate->file('policy.json');
my $explained = `'$program' explain --policy $file --geoip-country $country --geoip-asn $asn --ip 127.0.7.1 --user alice --operation login 2>&1`;
like($explained, qr/^  country +not known\n  asn +64496\n/m, 'explain: what the databases said');
like($explained, qr/127\.0\.7\.1 is in the autonomous system 64496/, 'and what came of it');
country_database($country, %countries);
$explained = `'$program' explain --policy $file --geoip-country $country --ip 127.0.4.1 --user alice --operation login 2>&1`;
like($explained, qr/127\.0\.4\.1 is in the country DE/, 'a country');
like($explained, qr/warning: the policy names countries or asns/, 'with one of two databases, a warning');
like(`'$program' explain --policy $file --ip 127.0.4.1 --user alice --operation login 2>&1`, qr/warning: the policy names countries or asns/, 'without databases, a warning');
my $check = "'$program' check --keep-reachable nobody-listed\@127.0.4.1 $file";
is(system("$check --geoip-country $country >/dev/null 2>&1") >> 8, 0, 'who is reachable from a country is');
$explained = `$check 2>&1`;
is($? >> 8, 1, 'without the databases nobody is');
like($explained, qr/warning: the policy names countries or asns.*nobody-listed could not sign in from 127\.0\.4\.1/s, 'which is said, and why');
is(system("$check --geoip-country $directory/none >/dev/null 2>&1") >> 8, 1, 'nor is anybody by a database that is not there');
my $request = '{"ip":"127.0.4.1","user":"alice","operation":"login"}';
like(`echo '$request' | '$program' decide --policy $file --geoip-country $country`, qr/"rule": "country:DE"/, 'decide');
like(`echo '$request' | '$program' decide --policy $file --geoip-country $asn 2>&1`, qr/^ipfence: \Q$asn\E: has no country of any address/m, 'a database of another kind is an error');
like(`echo '$request' | '$program' decide --policy $file --geoip-country $directory/none 2>&1`, qr/none: cannot be opened: No such file/, 'a database that is not there is an error');
`'$program' compile $file -o $directory/policy.ipf`;
like(`echo '$request' | '$program' decide --policy $directory/policy.ipf --geoip-country $country`, qr/"rule": "country:DE"/, 'of a compiled policy, too');

$gate->finish;

subtest 'diff tells every flip, by the databases and by name' => sub {
    country_database($country, %countries, '0.0.0.0/8' => 'FR', '255.255.255.0/24' => 'DE', '192.0.2.64/26' => 'DE', '2001:db8:5::/64' => 'FR', '2002::/16' => 'AT');
    asn_database($asn, '127.0.7.0/24' => 64496, '127.0.5.0/24' => 64497, '192.0.2.96/27' => 64497, 'fe00::/8' => 64496);
    my $next = world();
    $next->{networks} = {germany => {countries => ['FR', 'AT']}, carrier => {asns => [64497]}};
    $next->{profiles}{office}{login_ip_ranges} = ['network:germany', 'network:carrier', '127.0.1.0/25', '192.0.2.70-192.0.2.80'];
    open my $handle, '>', "$directory/next.json" or die;
    print $handle encode_json($next);
    close $handle;
    my $databases = "--geoip-country $country --geoip-asn $asn";
    my $diff = decode_json(scalar `'$program' diff --json $databases $file $directory/next.json`);
    my @flips = grep { $_->{unlisted_apps} && grep { $_->{unlisted} } @{$_->{profiles}} } @{$diff->{flips}};

    # Every edge that ranges and databases make, and its neighbours.
    my @edges = map { my $network = $_; map { "$network.$_" } 0, 1, 63, 64, 69, 70, 80, 81, 95, 96, 127, 128, 255 }
        '127.0.1', '127.0.3', '127.0.4', '127.0.5', '127.0.6', '127.0.7', '127.0.8', '192.0.2', '255.255.255', '0.0.0', '0.255.255', '1.0.0', '255.255.254';
    push @edges, '::', '::1', '::127.0.4.9', '::192.0.2.64', '2001:db8:4::', '2001:db8:4:ffff:ffff:ffff:ffff:ffff', '2001:db8:5::', '2001:db8:5:0:ffff:ffff:ffff:ffff',
        '2001:db8:5:1::', '2001:ffff::', '2002::', '2002:7f00:409::1', '2003::', 'fdff::', 'fe00::', 'feff::1', 'ff00::', '0:0:0:0:0:fffe::', '0:0:0:0:1::';
    my $requests = join '', map { encode_json({ip => $_, user => 'nobody-listed', app => 'unlisted', operation => 'login', flow => 'web_server'}) . "\n" } @edges;
    open my $input, '>', "$directory/requests" or die;
    print $input $requests;
    close $input;
    my ($before, $after) = map { [map { decode_json($_)->{decision} } split /\n/, scalar `'$program' decide --policy $_ $databases <$directory/requests`] } $file, "$directory/next.json";
    is(scalar @$before, scalar @edges, 'all are decided');
    my ($flipping, @wrong) = (0);
    for my $index (0 .. $#edges) {
        my $flips = $before->[$index] ne $after->[$index];
        $flipping += $flips;
        my $told = grep {
            my $flip = $_;
            $flip->{before}{decision} eq $before->[$index] && $flip->{after}{decision} eq $after->[$index] && grep({ is_within($edges[$index], $_) } @{$flip->{addresses}})
                && grep { $_->{operation} eq 'login' && $_->{flow} eq 'web_server' } @{$flip->{moments}};
        } @flips;
        push @wrong, "$edges[$index]: $before->[$index] -> $after->[$index]" if $flips != ($told > 0);
    }
    is_deeply(\@wrong, [], "what flips is told, and nothing else: $flipping of ${\ scalar @edges} addresses");
    cmp_ok($flipping, '>', 20, 'and many do');
    is_deeply([map { @{$_->{origins}} } @{$diff->{flips}}], [], 'as addresses, and not by name');

    my $named = `'$program' diff $file $directory/next.json 2>&1`;
    like($named, qr/^Note: countries and asns of which no database says where they are/m, 'without databases it says so');
    like($named, qr/^  which are  in country FR, not in asn 64496; or in asn 64497/m, 'and tells them by name');
    my $country_only = `'$program' diff --geoip-country $country $file $directory/next.json 2>&1`;
    unlike($country_only, qr/in country/, 'with a database of countries, those are addresses');
    like($country_only, qr/^  which are  in asn 64496, not in asn 64497|^  which are  in asn 64496$/m, 'and systems are told by name');
    is(system("'$program' diff --geoip-country $directory/none $file $file >/dev/null 2>&1") >> 8, 2, 'a database that is not there is an error');

    # A node of the tree leads to itself: to each address by a way of its own.
    open my $loop, '+<:raw', $country or die;
    seek $loop, 6, 0;
    print $loop "\0\0\1" x 2;
    close $loop;
    my $endless = `timeout 60 '$program' diff --geoip-country $country $file $directory/next.json 2>&1`;
    is($? >> 8, 2, 'a tree without an end is an error, and no endless comparison');
    is($endless, "ipfence: $country: is a damaged MaxMind database: its search tree has no end\n", 'which is said');
};

# Whether an address, as text, lies in a range as diff writes it.
sub is_within {
    my ($address, $range) = @_;
    my ($first, $last) = $range =~ m{\A(.+)/(\d+)\z} ? do {
        my ($low, $bits) = (bits_of($1), $2);
        (substr($low, 0, $bits) . '0' x (length($low) - $bits), substr($low, 0, $bits) . '1' x (length($low) - $bits));
    } : map { bits_of($_) } $range =~ /\A([^-]+)-(.+)\z/ ? ($1, $2) : ($range, $range);
    my $bits = bits_of($address);
    return length $bits == length $first && $bits ge $first && $bits le $last;
}

sub bits_of { my ($address) = @_; return unpack 'B*', Socket::inet_pton($address =~ /:/ ? Socket::AF_INET6() : Socket::AF_INET(), $address) }

# At start, what cannot be read is an error.
open my $garbage, '>', "$directory/garbage" or die;
print $garbage 'x' x 10_000;
close $garbage;
my $whole = do { open my $in, '<:raw', $asn or die; local $/; <$in> };
open my $damaged, '>:raw', "$directory/damaged" or die;
print $damaged "\xff" x 30, substr $whole, 30;
close $damaged;
my $other_country = country_database("$directory/other_country.mmdb", '127.0.4.0/24' => 'DE');
for my $case (["country=$directory/none", qr/none: cannot be opened: No such file/], ["country=$directory/garbage", qr/garbage: is no MaxMind database/],
    ["asn=$directory/damaged", qr/damaged: is a damaged MaxMind database/],
    ["country=$asn", qr/\Q$asn\E: has no country of any address \(country\.iso_code, as GeoLite2 has it\): give a database of countries/],
    ["asn=$other_country", qr/\Q$other_country\E: has no autonomous system of any address \(autonomous_system_number,/], ["country=$directory", qr/Is a directory/],
    ['country=', qr/takes country=FILE and asn=FILE/], ["$country", qr/takes country=FILE/], ["asn=$asn asn=$asn", qr/duplicate parameter "asn=\S+" in "ipfence_geoip"/]) {
    my ($arguments, $expected) = @$case;
    my $broken = gate(stopped => 1, http => "ipfence_geoip $arguments;");
    my ($code, $output) = $broken->test_configuration;
    isnt($code, 0, "N13: $arguments: an error at start");
    like($output, $expected, "$arguments: says why");
}
my $without = gate(stopped => 1, policy => $policy);
my ($code, $output) = $without->test_configuration;
is($code, 0, 'without ipfence_geoip such a policy is one');
like($output, qr/\[warn\].*policy\.json" names countries or asns/, 'and nginx warns');
(undef, $output) = gate(stopped => 1, policy => $policy, http => "ipfence_geoip country=$country;")->test_configuration;
like($output, qr/\[warn\].*policy\.json" names countries or asns/, 'as it does where one of two databases is missing');
(undef, $output) = gate(stopped => 1, policy => $policy, http => "ipfence_geoip country=$country asn=$asn;")->test_configuration;
unlike($output, qr/names countries or asns/, 'and does not where both are there');

done_testing;
