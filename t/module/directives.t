# Every directive: where it may stand, how often, and with what.

use strict;
use warnings;
use Test::More;
use IPFence::Gate;

# One gate's files, of which only the configuration changes; nginx only tests it.
my $gate = gate(stopped => 1);
$gate->{provider}->stop;

sub says {
    my (%given) = @_;
    $gate->{$_} = $given{$_} // '' for qw(http server);
    $gate->{own_audit} = 1;
    $gate->{upstream} = $given{upstream} // '';
    $gate->write_configuration;
    my ($code, $output) = $gate->test_configuration;
    return "$code $output";
}

my $everywhere = [qw(http server location)];
my $not_in_location = [qw(http server)];
my %directives = (
    'ipfence off;' => $everywhere,
    'ipfence_mode monitor;' => $everywhere,
    'ipfence_policy policy.json;' => $not_in_location,
    'ipfence_trusted_proxies 10.0.0.0/8 192.0.2.1-192.0.2.9 2001:db8::1;' => $not_in_location,
    'ipfence_forwarded_header X-Real-IP;' => $not_in_location,
    'ipfence_client_address $http_x_client;' => $everywhere,
    'ipfence_app $http_a $http_b;' => $everywhere,
    'ipfence_user $http_a $http_b;' => $everywhere,
    'ipfence_audit audit.ndjson;' => $everywhere,
    'ipfence_introspection /introspect;' => $everywhere,
    'ipfence_revocation /revoke;' => $everywhere,
    'ipfence_token_query client-request-id tenant;' => $everywhere,
    'ipfence_body_limit 1m;' => $everywhere,
    'ipfence_response_limit 1m;' => $everywhere,
    'ipfence_guard;' => ['upstream'],
);
$gate->{no_policy} = 1;
for my $directive (sort keys %directives) {
    my ($name) = $directive =~ /\A(\w+)/;
    my %allowed = map { $_ => 1 } @{$directives{$directive}};
    for my $context (qw(http server location upstream)) {
        my $wrap = sub { my ($text) = @_; return $context eq 'location' ? (server => "location / { $text }") : ($context => $text) };
        my $said = says($wrap->($directive));
        if ($allowed{$context}) {
            like($said, qr/\A0 /, "$name may stand in $context");
            like(says($wrap->("$directive $directive")), qr/\A1 .*"$name" directive is duplicate in \S+nginx\.conf:\d+/s,
                "$name may stand in $context once");
        } else {
            like($said, qr/\A1 .*"$name" directive is not allowed here in \S+nginx\.conf:\d+/s, "$name may not stand in $context");
        }
    }
}
$gate->{no_policy} = 0;
like(says(server => "ipfence_$_ /x; location / { ipfence_$_ \"\"; }"), qr/\A0 /, "ipfence_$_ may be none in a location") for qw(introspection revocation);
like(says(server => 'ipfence_session_cookie a b c d e f g __Host-h;'), qr/\A0 /, 'eight session cookies are possible');

for my $bad (
    'ipfence;', 'ipfence token off;', 'ipfence "";', 'ipfence TOKEN;', 'ipfence resources;', 'ipfence_mode;',
    'ipfence_policy;', 'ipfence_trusted_proxies;', 'ipfence_trusted_proxies 10.0.0.0/33;', 'ipfence_trusted_proxies 10.0.0.0/-1;',
    'ipfence_trusted_proxies 010.0.0.1;', 'ipfence_trusted_proxies 10.0.0.9-10.0.0.1;', 'ipfence_trusted_proxies 10.0.0.1 proxy.test;',
    'ipfence_trusted_proxies ::1%lo;', 'ipfence_trusted_proxies "";', 'ipfence_body_limit -1;', 'ipfence_body_limit 1x;',
    'ipfence_body_limit 1m 2m;', 'ipfence_response_limit;', 'ipfence_response_limit much;', 'ipfence_app;', 'ipfence_user;',
    'ipfence_client_address;', 'ipfence_forwarded_header;', 'ipfence_audit;',
    'ipfence_session_cookie a b c d e f g h i;', 'ipfence_session_cookie a "";', 'ipfence_session_cookie "a=b";',
    'ipfence_device_cookie "a b" key=device.key;', 'ipfence_audit "";', 'ipfence_detect logout parameter=out parameter=out;', 'ipfence_forwarded_header "";', 'ipfence_forwarded_header X-Real-IP:;', 'ipfence_forwarded_header "X Real IP";',
    'ipfence_session_cookie $cookie_sid;', 'ipfence_session_cookie sid ${cookie_prefix}sid;', 'ipfence_device_cookie $cookie_device key=device.key;',
    'ipfence_token_query;', 'ipfence_token_query client_id;', 'ipfence_token_query tenant Client-ID;', 'ipfence_token_query _method;', 'ipfence_token_query "";', 'ipfence_token_query a=b;', 'ipfence_token_query $arg_tenant;',
    'ipfence_forwarded_header $http_x_real_ip;', 'ipfence_forwarded_header proxy_protocol;',
    (map { ("ipfence_$_ introspect;", "ipfence_$_ http://127.0.0.1/introspect;", "ipfence_$_ \$uri;", "ipfence_$_ /introspect?x=1;") } qw(introspection revocation)),
) {
    like(says(server => $bad), qr/\A1 .*\[emerg\].* in \S+nginx\.conf:\d+/s, "nginx -t refuses: $bad");
}

# Nobody writes into it, and a reload waits for what nginx waits for.
system('mkfifo', my $pipe = $gate->file('pipe')) == 0 or die 'mkfifo';
for my $directive (
    "ipfence_jwks $pipe;", "ipfence_geoip country=$pipe;", "ipfence_device_cookie d key=$pipe;",
    "ipfence_store redis://127.0.0.1 key=$pipe;", "ipfence_store redis://127.0.0.1 key=keys password_file=$pipe;",
) {
    $gate->write_file('keys', '11' x 32 . "\n");
    local $SIG{ALRM} = sub { die "nginx -t waits for the pipe: $directive" };
    alarm 30;
    like(says(http => "ipfence_zone zone=z:1m; $directive"), qr/\A1 .*\[emerg\].* is not a regular file, and nginx does not wait for a pipe or a device.* in \S+nginx\.conf:\d+/s,
        'nginx -t refuses a pipe: ' . $directive =~ s/\Q$pipe/PIPE/r);
    alarm 0;
}
done_testing;
