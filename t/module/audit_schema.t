# conf/audit.schema.json says what real audit lines are: all of their members, and every reason.

use strict;
use warnings;
use JSON::PP;
use Test::More;
use IPFence::Gate;
use IPFence::World;

my $root = (__FILE__ =~ s{t/module/[^/]+\z}{}r) || '.';
sub text_of { my ($path) = @_; open my $handle, '<:raw', $path or die "$path: $!"; local $/; return scalar <$handle> }
my $schema = decode_json(text_of("$root/conf/audit.schema.json"));

sub type_of {
    my ($value) = @_;
    return 'null' unless defined $value;
    return 'boolean' if JSON::PP::is_bool($value);
    return ref $value ? 'structure' : 'string';
}

# What the schema says against a line: the words of it that are used there.
sub faults {
    my ($line) = @_;
    my @faults = map { "$_ is missing" } grep { !exists $line->{$_} } @{$schema->{required}};
    for my $first (keys %{$schema->{dependentRequired}}) {
        push @faults, map { "$_ is missing" } grep { exists $line->{$first} && !exists $line->{$_} } @{$schema->{dependentRequired}{$first}};
    }
    for my $key (sort keys %$line) {
        my ($value, $rule) = ($line->{$key}, $schema->{properties}{$key});
        push @faults, "$key is not known" and next unless $rule;
        if (my $types = $rule->{type}) {
            push @faults, "$key is " . type_of($value) unless grep { $_ eq type_of($value) } ref $types ? @$types : $types;
        }
        if (my $values = $rule->{enum}) {
            push @faults, "$key: $value" unless grep { ($_ // "\0") eq ($value // "\0") } @$values;
        }
        push @faults, "$key: $value" if $rule->{pattern} && $value !~ /$rule->{pattern}/;
    }
    return join ', ', @faults;
}

my $candidate = world();
$candidate->{profiles}{office}{login_ip_ranges} = ['127.0.2.0/24'];
my $policy = world(profile_claim => 'group');
my $gate = gate(
    policy => $policy,
    files => {'candidate.json' => JSON::PP->new->encode($candidate)},
    http => 'ipfence_zone zone=learned:1m;',
    server => <<'CONF',
        location /token { ipfence token; proxy_pass http://provider; }
        location /compared { ipfence token; ipfence_mode monitor; proxy_pass http://provider; }
        location /api { ipfence resource; proxy_pass http://provider; }
        location /authorize { ipfence authorization; proxy_pass http://provider; }
        location /strange { ipfence $http_x_kind; proxy_pass http://provider; }
CONF
);
sub check {
    my ($what) = @_;
    my @lines = $gate->audit;
    ok(@lines > 0, "$what: audited");
    is(faults($_), '', "$what: as the schema says") for @lines;
}

my %alice = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');
$gate->token(\%alice);
check('an allowed login');
$gate->token(\%alice, from => outside);
check('a denied one');
$gate->token(\%alice, from => outside, path => '/compared');
check('one in monitor mode');
$gate->token('grant_type=password&grant_type=x');
check('an ambiguous request');
$gate->answers(json_answer({access_token => jwt({sub => 'carol', group => 'anywhere'}), token_type => 'Bearer'}));
$gate->token({grant_type => 'authorization_code', code => 'c', client_id => 'web'});
my @claimed = $gate->audit;
is($claimed[-1]{claimed_profile}, 'anywhere', 'what a token claimed');
is(faults($_), '', 'a claimed profile: as the schema says') for @claimed;
$gate->request(method => 'GET', path => '/api');
check('a request without a credential');
$gate->request(method => 'GET', path => '/api', headers => [['Authorization', 'Bearer nobody']]);
check('a token that nobody knows');
$gate->request(method => 'GET', path => '/strange', headers => [['X-Kind', 'other']]);
check('no kind');
$gate->finish;

$gate = gate(
    policy => $policy,
    files => {'candidate.json' => JSON::PP->new->encode($candidate)},
    http => 'ipfence_candidate candidate.json;',
    server => 'location /token { ipfence token; proxy_pass http://provider; }',
);
$gate->token(\%alice);
check('with a candidate');
$gate->token('grant_type=password&grant_type=x');
check('with a candidate that has nothing to decide');
$gate->finish;

# The closed sets are those of the documentation.
my $reasons = text_of("$root/docs/reasons.md");
my %documented = map { $_ => 1 } $reasons =~ /^\| `(\w+)` \|/mg;
is_deeply([sort @{$schema->{properties}{reason}{enum}}], [sort keys %documented], 'every reason');

done_testing;
