# The audit log and the variables: complete, one line a decision, unforgeable, without a secret.

use strict;
use warnings;
use Encode qw(encode);
use JSON::PP;
use Test::More;
use IPFence::Gate;
use IPFence::Http;

my $gate = gate(
    http => 'log_format all "$ipfence_decision|$ipfence_reason|$ipfence_user|$ipfence_app|$ipfence_profile|$ipfence_operation|$ipfence_flow|$ipfence_rule|$ipfence_policy|$request_id";',
    server => <<'CONF',
        access_log DIR/variables all;
        location /token { ipfence token; add_header X-Reason $ipfence_reason always; proxy_pass http://provider; }
        location /silent { ipfence token; ipfence_audit off; proxy_pass http://provider; }
        location /off { ipfence off; proxy_pass http://provider; }
CONF
);
my %secret = map { $_ => "canary-$_-7f3a" } qw(password code refresh_token client_secret code_verifier access_token issued_refresh cookie assertion_signature);
my %password = (grant_type => 'password', username => 'alice', password => $secret{password}, client_id => 'web', client_secret => $secret{client_secret});

my $response = $gate->token(\%password);
my $line = $gate->last_audit;
is_deeply([sort keys %$line], [sort qw(time request_id phase kind operation flow refreshed device_activated ip peer app user profile decision enforced reason rule policy)],
    'the members that interface.md names');
like($line->{time}, qr/\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d\z/, 'time');
like($line->{request_id}, qr/\A[0-9a-f]{32}\z/, 'request_id');
like($line->{policy}, qr/\A[0-9a-f]{12}\z/, 'policy');
my %expected = (phase => 'request', kind => 'token', operation => 'login', flow => 'username_password', refreshed => JSON::PP::false,
    device_activated => JSON::PP::false, ip => inside, peer => inside, app => 'web', user => 'alice', profile => 'office', decision => 'allow',
    enforced => JSON::PP::true, reason => 'login_ip_range', rule => '127.0.1.0/24');
is_deeply({map { $_ => $line->{$_} } keys %expected}, \%expected, 'their values');
is_deeply([IPFence::Http::header($response, 'X-Reason')], ['login_ip_range'], 'a variable in a header');
my @log = $gate->log_lines('variables', 1);
is($log[-1], join('|', qw(allow login_ip_range alice web office login username_password 127.0.1.0/24), $line->{policy}, $line->{request_id}),
    'all variables in an access log');
$gate->token(\%password, path => '/off');
@log = $gate->log_lines('variables', 2);
like($log[-1], qr/\A\|{9}[0-9a-f]{32}\z/, 'which are empty where ipfence is off');
is(scalar $gate->audit, 0, 'and nothing is audited there');
$gate->token(\%password, path => '/silent');
is(scalar $gate->audit, 0, 'nor where the audit is off');

# A name is text in the log, whatever it looks like.
my $forged = qq(x","decision":"allow"}\n{"decision":"forged);
for my $name ('x","decision":"allow', '\\', "\x{1b}]0;title", "caf\xc3\xa9", "a\xe2\x80\xa8b", '</script>', 'x' x 5000) {
    my $before = () = IPFence::Gate::read_whole($gate->file('audit.ndjson')) =~ /\n/g;
    $gate->token({%password, client_id => $name}, from => outside);
    my $text = IPFence::Gate::read_whole($gate->file('audit.ndjson'));
    is(() = $text =~ /\n/g, $before + 1, 'one line more');
    my $line = $gate->last_audit;
    is($line->{decision}, 'deny', 'that says deny');
    next if $name =~ /\x1b/;
    my $bytes = $name;
    utf8::decode($bytes);
    is($line->{app}, $bytes, 'and keeps the name');
}
my @changed = grep { $gate->token({%password, client_id => $_}, from => outside); $gate->last_audit->{app} ne $_ }
    map { ('n' x $_, 'n' x ($_ - 1) . '"', '"' . 'n' x ($_ - 1)) } 1 .. 34;
is_deeply(\@changed, [], 'of any length');
$gate->audit;
$gate->token({%password, client_id => $forged}, from => outside);
is_deeply([map { $_->{app} } $gate->audit], [undef], 'a name with a line end is refused, and not repeated');
unlike($gate->error_log, qr/forged/, 'nor is it in the error log');

# Secrets: in no log.
$gate->answers("HTTP/1.1 200 OK\r\nSet-Cookie: s=$secret{cookie}\r\nContent-Length: 2\r\n\r\n{}",
    map { "HTTP/1.1 200 OK\r\nSet-Cookie: s=$secret{cookie}\r\nContent-Length: ${\ length $_}\r\n\r\n$_" }
    ("{\"access_token\":\"$secret{access_token}\",\"refresh_token\":\"$secret{issued_refresh}\",\"id_token\":\"" . jwt({sub => 'alice'}) . '"}'));
for my $from (inside, outside) {
    for my $body (
        form(\%password), form({%password, x => "\n"}), form(\%password) . "&x=%00",
        form({grant_type => 'authorization_code', code => $secret{code}, code_verifier => $secret{code_verifier}, client_id => 'web'}),
        form({grant_type => 'refresh_token', refresh_token => $secret{refresh_token}, client_id => 'web'}),
        form({grant_type => 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion => jwt({sub => 'alice'}) . $secret{assertion_signature}}),
    ) {
        $gate->request(body => $body, from => $from, headers => [basic('web', $secret{client_secret}), ['Cookie', "s=$secret{cookie}"]]);
    }
}
my $everything = IPFence::Gate::read_whole($gate->file('audit.ndjson')) . $gate->error_log;
unlike($everything, qr/canary/, 'no secret is in any log');
like($everything, qr/login_ip_range/, 'which have been written');

# Rotation.
$gate->audit;
rename $gate->file('audit.ndjson'), $gate->file('audit.1') or die $!;
$gate->token(\%password);
is(-e $gate->file('audit.ndjson') ? 1 : 0, 0, 'after a rename the old file is still written');
$gate->signal('USR1');
for (1 .. 200) { last if -e $gate->file('audit.ndjson'); select undef, undef, undef, 0.02 }
select undef, undef, undef, 0.2;
$gate->{audit_read} = 0;
$gate->token(\%password);
is(scalar(my @lines = $gate->audit), 1, 'and after USR1 the new one is');
$gate->finish;

# However long the names are, of which a rule's text has the first 512 bytes; also of a line that is longer than a buffer.
my $policy = IPFence::Gate::default_policy('127.0.1.0/24');
my $name = '"' . 'p' x 9_999;
$policy->{profiles}{$name} = delete $policy->{profiles}{office};
$policy->{organization}{default_profile} = $policy->{users}{alice} = $name;
for my $words ('', 'buffer=64k flush=10ms', 'buffer=4k flush=10ms') {
    my $long = gate(policy => $policy, own_audit => 1, http => "ipfence_audit AUDIT $words;");
    $long->token({%password, client_id => $_}, from => outside) for 'web', 'x' x 9_000;
    my @lines;
    wait_for(sub { push @lines, $long->audit; @lines == 2 });
    is_deeply([map { $_->{profile} } @lines], [$name, $name], "a profile with a long name, '$words'");
    is_deeply([map { $_->{rule} } @lines], [(substr "profiles.$name.login_ip_ranges", 0, 512) x 2], 'and what it decides');
    is_deeply([map { $_->{app} } @lines], ['web', 'x' x 9_000], 'of which app');
    $long->finish;
}

# A line that just fits where it is made, however much of a name is escaped, and one that just does not.
my @names = map { ("\x85" x ($_ / 2), '"' x $_, 'n' x $_) } map { 6 * $_ } 70 .. 110;
for my $words ('', 'buffer=4k flush=10ms') {
    my $fitting = gate(own_audit => 1, http => "ipfence_audit AUDIT $words;");
    $fitting->token({%password, client_id => encode('UTF-8', $_)}, from => outside) for @names;
    my @lines;
    wait_for(sub { push @lines, $fitting->audit; @lines == @names });
    is_deeply([map { $_->{app} } @lines], \@names, "names of many lengths, escaped or not, '$words'");
    $fitting->finish;
}

# The address in its longest text, which the peer's is not, and none.
my $named = gate(http => 'ipfence_client_address $http_x_client;');
for my $ip ('2001:db80:1111:2222:3333:4444:5555:6666', '::', '198.51.100.200', '0.0.0.0', undef) {
    $named->token(\%password, headers => [['X-Client', $ip // 'unknown']]);
    my $line = $named->last_audit;
    is_deeply([@$line{qw(ip peer)}], [$ip, inside], 'the decision\'s address: ' . ($ip // 'unknown'));
}
$named->finish;

# A file that cannot be written is said, and does not stop requests.
my $full = gate(http => 'ipfence_audit /dev/full;', server => 'location / { ipfence token; proxy_pass http://provider; }',
    expected_log => [qr/audit lines are lost/], own_audit => 1);
is($full->token(\%password)->{status}, 200, 'a full disk stops nobody');
like($full->error_log, qr/audit lines are lost, write\(\) to "\/dev\/full" failed .*No space left/, 'and is an alert');
$full->finish;
done_testing;
