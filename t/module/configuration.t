# What nginx -t says of directives and policies, and how they are inherited.

use strict;
use warnings;
use Test::More;
use IPFence::Gate;

sub check {
    my (%given) = @_;
    my $gate = gate(%given, stopped => 1);
    $gate->write_file('policy.json', $given{policy_text}) if defined $given{policy_text};
    unlink $gate->file('policy.json') if $given{policy_missing};
    my ($code, $output) = $gate->test_configuration;
    $gate->{provider}->stop;
    $output =~ s/\Q$gate->{dir}\E/DIR/g;
    return "$code $output";
}

like(check(), qr/\A0 .*test is successful/s, 'a good configuration');
like(check(server => 'location / { ipfence $kind; }', http => 'map $uri $kind { default off; }'), qr/\A0 /, 'a variable kind');

# What is written and does nothing.
my @proxies = (server => 'ipfence_trusted_proxies 10.0.0.1; location / { ipfence token; }');
like(check(@proxies, http => 'ipfence_client_address $remote_addr;'),
    qr/\A0 .*\[warn\] "ipfence_trusted_proxies" is not asked where "ipfence_client_address" is set, as it is for the server of DIR\/nginx.conf:\d+/s,
    'proxies that are not asked');
unlike(check(@proxies), qr/not asked/, 'proxies that are');
unlike(check(http => 'ipfence_trusted_proxies 10.0.0.1;', server => 'location / { ipfence token; ipfence_client_address $remote_addr; }'),
    qr/not asked/, 'an address that takes the place of theirs');

for my $case (['192.0.2.1', 'is the address of every client: it has no variable'],
    ['remote_addr', 'is no address, and no client has one: a variable begins with "$"']) {
    my ($value, $said) = @$case;
    like(check(server => "ipfence_client_address $value; location / { ipfence token; }"),
        qr/\A0 .*\[warn\].* "ipfence_client_address \Q$value\E" \Q$said\E in DIR\/nginx.conf:\d+/s, "the client address $value");
}

my %bad = (
    'two client addresses' => [{server => 'ipfence_client_address $remote_addr; ipfence_client_address $host;'}, qr/"ipfence_client_address" directive is duplicate/],
    'unknown kind' => [{server => 'ipfence tokn;'}, qr/invalid value "tokn" in "ipfence" directive, it must be "off", "token", .*"logout" or a variable in DIR\/nginx.conf:\d+/],
    'kind twice' => [{server => 'ipfence off; ipfence off;'}, qr/"ipfence" directive is duplicate in DIR\/nginx.conf:\d+/],
    'no policy' => [{no_policy => 1, server => "\nipfence token;"}, qr/"ipfence" needs a policy, and no "ipfence_policy" applies to it in DIR\/nginx.conf:\d+/],
    (map { ("no policy for $_->[0]" => [{no_policy => 1, own_audit => 1, server => "location / { $_->[1] }"},
        qr/"$_->[0]" (?:shows|needs) a policy, and no "ipfence_policy" applies to it in the server of DIR\/nginx.conf:\d+/]) }
        ['ipfence_status', 'ipfence_status;'], ['ipfence_detect', 'ipfence_detect logout parameter=out;']),
    'bad mode' => [{server => 'ipfence_mode maybe;'}, qr/invalid value "maybe" in "ipfence_mode", it must be "enforce" or "monitor" in DIR\/nginx.conf:\d+/],
    (map { my $time = $_; ("monitor until '$time'" => [{server => "ipfence_mode monitor \"until=$time\";"}, qr/"ipfence_mode" directive takes "monitor until=TIME" with a time in UTC as in 2026-11-29T15:00:00Z in DIR\/nginx.conf:\d+/]) }
        '2026-11-29 15:00:00Z', '2026-02-30T00:00:00Z', '2026-11-29T15:00:00', '2026-11-29T25:00:00Z', '2026-11-29T15:00:00ZZ', '1969-12-31T23:00:00Z', '$time', ''),
    'enforce until' => [{server => 'ipfence_mode enforce until=2026-11-29T15:00:00Z;'}, qr/takes "monitor until=TIME"/],
    'mode twice' => [{server => 'ipfence_mode enforce; ipfence_mode monitor;'}, qr/"ipfence_mode" directive is duplicate/],
    'bad size' => [{server => 'ipfence_body_limit much;'}, qr/"ipfence_body_limit" directive invalid value in DIR\/nginx.conf:\d+/],
    'bad proxy' => [{server => 'ipfence_trusted_proxies 10.0.0.300;'}, qr/invalid value "10.0.0.300" in "ipfence_trusted_proxies": .*not an IPv4 or IPv6 address.* in DIR\/nginx.conf:\d+/],
    'host bits' => [{server => 'ipfence_trusted_proxies 10.0.0.5/8;'}, qr/host bits set; write 10.0.0.0\/8/],
    'guard outside upstream' => [{server => 'ipfence_guard;'}, qr/"ipfence_guard" directive is not allowed here in DIR\/nginx.conf:\d+/],
    'guard twice' => [{upstream => 'ipfence_guard; ipfence_guard;'}, qr/"ipfence_guard" directive is duplicate/],
    'policy in a location' => [{server => 'location / { ipfence_policy policy.json; }'}, qr/"ipfence_policy" directive is not allowed here/],
    'policy twice' => [{server => 'ipfence_policy policy.json; ipfence_policy policy.json;'}, qr/"ipfence_policy" directive is duplicate/],
    'audit to a variable' => [{server => 'ipfence_audit /var/log/$host;'}, qr/"ipfence_audit" writes to a file or to syslog or is "off"/],
    'audit to no syslog' => [{server => 'ipfence_audit syslog:facility=local7;'}, qr/no syslog server specified/],
    'N16: a second upstream of the name, without the guard' => [{http => "upstream provider { server PROVIDER; }"}, qr/duplicate upstream "provider" in DIR\/nginx.conf:\d+/],
    'N16: a second zone' => [{http => 'ipfence_zone zone=one:1m; ipfence_zone zone=one:2m;'}, qr/"ipfence_zone" directive is duplicate in DIR\/nginx.conf:\d+/],
    'a provider from a variable' => [{server => 'ipfence_provider $host;'}, qr/"ipfence_provider" directive needs a name without variables in DIR\/nginx.conf:\d+/],
    'a provider without a name' => [{server => 'ipfence_provider "";'}, qr/"ipfence_provider" directive needs a name/],
    (map { ("a zone as $_" => [{http => "ipfence_zone $_;"}, qr/"ipfence_zone" directive needs zone=NAME:SIZE, .*\(1024m, not 1g\) in DIR\/nginx.conf:\d+/]) }
        'zone=one:1g', 'zone=one', 'zone=:1m', 'zone=one:64k', 'snapshot=file'),
    'a zone without zone=' => [{http => 'ipfence_zone one:1m;'}, qr/invalid parameter "one:1m" in "ipfence_zone"/],
    'two zones in one' => [{http => 'ipfence_zone zone=one:1m zone=two:2m;'}, qr/duplicate parameter "zone=two:2m" in "ipfence_zone" in DIR\/nginx.conf:\d+/],
    'two snapshots' => [{http => 'ipfence_zone snapshot=a snapshot=b;'}, qr/duplicate parameter "snapshot=b" in "ipfence_zone"/],
    'two keys' => [{server => 'ipfence_device_cookie device key=a key=b;'}, qr/duplicate parameter "key=b" in "ipfence_device_cookie"/],
    'two keys of the store' => [{http => 'ipfence_store redis://127.0.0.1 key=a key=b;'}, qr/duplicate parameter "key=b" in "ipfence_store"/],
    'two buffers' => [{server => 'ipfence_audit audit.log buffer=4k buffer=8k;'}, qr/duplicate parameter "buffer=8k" in "ipfence_audit"/],
    'two providers in one place' => [{server => 'ipfence_provider a; ipfence_provider b;'}, qr/"ipfence_provider" directive is duplicate/],
    'unknown variable' => [{server => 'ipfence_user $nothing;'}, qr/unknown "nothing" variable/],
    'missing policy' => [{policy_missing => 1}, qr/DIR\/policy.json: cannot be opened: No such file or directory in DIR\/nginx.conf:\d+/],
    'policy that is no JSON' => [{policy_text => "{\n\"ipfence\": 1,\n"}, qr/DIR\/policy.json:3: is not JSON: .* in DIR\/nginx.conf:\d+/],
);
for my $what (sort keys %bad) {
    my ($given, $message) = @{$bad{$what}};
    my $said = check(%$given);
    like($said, qr/\A1 /, "$what: refused");
    like($said, $message, "$what: says where and what");
}

my $said = check(policy_text => <<'JSON');
{
  "ipfence": 1,
  "organization": {"default_profile": "nobody", "continuous": true},
  "profiles": {
    "office": {"login_ip_ranges": ["192.0.2.1/24", "network:hq"]},
    "empty": {"login_ip_ranges": []}
  },
  "apps": {"web": {"ip_relaxation": "relaxed"}}
}
JSON
like($said, qr/\A1 /, 'a faulty policy is refused');
for my $line ('3: organization.continuous: is not a known key', '3: organization.default_profile: there is no profile "nobody"',
    '5: profiles.office.login_ip_ranges\[0\]: "192.0.2.1/24" has host bits set', '5: profiles.office.login_ip_ranges\[1\]: there is no network "hq"',
    '6: profiles.empty.login_ip_ranges: must not be empty', '8: apps.web.ip_relaxation: "relaxed" is not one of') {
    like($said, qr{DIR/policy.json:$line}, "its faults are all named: $line");
}

# Inheritance: the nearest ipfence counts, at every level.
my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');
my $gate = gate(http => 'ipfence token;', upstream => '', server => <<'CONF');
    location / { proxy_pass http://provider; }
    location /off { ipfence off; proxy_pass http://provider;
        location /off/token { ipfence token; proxy_pass http://provider; }
        location /off/off { proxy_pass http://provider; } }
    location ~ \.regex$ { ipfence off; proxy_pass http://provider; }
    location /if { if ($http_x_if) { proxy_pass http://provider; } proxy_pass http://provider; }
CONF
for my $case (['/', 400], ['/off', 200], ['/off/token', 400], ['/off/off', 200], ['/x.regex', 200], ['/if', 400]) {
    my ($path, $status) = @$case;
    is($gate->token(\%password, path => $path, from => outside)->{status}, $status, "from outside, $path is $status");
}
is($gate->token(\%password, path => '/if', headers => [['X-If', 1]], from => outside)->{status}, 400, 'K12: also within an if');
$gate->finish;

# Two servers, one file, read once and the same policy; a policy of one server does not leak into another.
my $two = gate(server => "location / { ipfence token; proxy_pass http://provider; }\n}\nserver { server_name other; listen 127.0.0.1:PORT; ipfence_policy policy.json; ipfence token;");
is($two->token(\%password)->{status}, 200, 'a policy named twice');
$two->finish;
done_testing;
