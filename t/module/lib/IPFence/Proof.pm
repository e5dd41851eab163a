package IPFence::Proof;

# Configurations at random, of all that nginx has to lead a request somewhere else, and whether anything reached a
# guarded provider that nobody decided about. The provider says who came: each location writes its name into what it
# forwards, and nginx the number of the request, which the audit log has, too.

use strict;
use warnings;

use Exporter qw(import);
use IPFence::Gate;

our @EXPORT = qw(prove_configuration);

my $locations = 14;
my @kinds = ('', '', 'ipfence off;', 'ipfence off;', 'ipfence token;', 'ipfence token;', 'ipfence resource;', 'ipfence password_change;',
    'ipfence authorization;', 'ipfence $kind;');

sub pick { return $_[int rand @_] }

sub path { return '/l' . int rand $locations }

# Ways that lead a request to another location, or around a phase.
my @detours = (
    sub { "error_page 400 401 403 404 405 500 502 = ${\ path()};" },
    sub { "error_page 400 403 =200 ${\ path()};" },
    sub { "error_page 403 404 = \@n" . int(rand 3) . ';' },
    sub { "proxy_intercept_errors on; error_page 400 404 = ${\ path()};" },
    sub { "mirror ${\ path()};" },
    sub { "auth_request ${\ path()};" },
    sub { "try_files /none ${\ path()};" },
    sub { "try_files /none \@n" . int(rand 3) . ';' },
    sub { 'satisfy any; allow all; deny all;' },
    sub { 'satisfy any; deny all; auth_request ' . path() . ';' },
    sub { "rewrite ^ ${\ path()} " . pick('last', 'break') . ';' },
    sub { "if (\$request_method = POST) { rewrite ^ ${\ path()} last; }" },
    sub { "if (\$arg_x) { proxy_pass http://provider; }" },
    sub { 'if ($request_method = GET) { return 403; }' },
    sub { "set \$elsewhere ${\ path()}; error_page 418 = \$elsewhere; if (\$arg_y) { return 418; }" },
    sub { 'ssi on; ssi_types *;' },
    sub { 'limit_except GET { deny all; }' },
    sub { 'internal;' },
    sub { 'addition_types *; add_after_body ' . path() . ';' },
    sub { 'proxy_request_buffering off;' },
    sub { 'proxy_buffering off;' },
);

# The text of a location; `$off` is told the names of those that say in so many words that nothing is decided there.
sub location {
    my ($name, $match, $off) = @_;
    my $kind = pick(@kinds);
    $off->{$name} = 1 if $kind eq 'ipfence off;';
    my %seen;
    # One of a sort: nginx takes none twice.
    my @ways = grep { !$seen{(split / /)[0]}++ } map { pick(@detours)->() } 1 .. int rand 4;
    @ways = grep { !/^satisfy/ || !$seen{auth_request} } @ways;
    @ways = grep { !/^internal/ } @ways if $match =~ /^\@/;
    my $target = $match =~ /^\@/ || rand() < 0.5 ? 'http://provider' : 'http://provider' . path();
    $target = 'http://provider' if grep { /^(?:rewrite|if|limit_except|set)/ } @ways;
    return "location $match { $kind @ways proxy_set_header X-Location $name; proxy_set_header X-Request-Id \$request_id; proxy_pass $target; }\n";
}

sub configuration {
    my ($off) = @_;
    my $text = join '', map { location("l$_", pick('', '', '= ', '^~ ') . "/l$_", $off) } 0 .. $locations - 1;
    $text .= join '', map { location("n$_", "\@n$_", $off) } 0 .. 2;
    my $default = pick('', '', 'ipfence token;', 'ipfence resource;');
    return "$default\n$text";
}

my @answers = (
    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 42\r\n\r\n<!--# include virtual=\"/l1\" -->{\"access\":1}",
    "HTTP/1.1 200 OK\r\nX-Accel-Redirect: /l2\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 25\r\n\r\n{\"access_token\":\"opaque\"}",
    "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
);

my %password = (grant_type => 'password', username => 'alice', password => 'pw', client_id => 'web');

sub send_requests {
    my ($gate) = @_;
    for my $number (0 .. $locations - 1) {
        $gate->answers(map { pick(@answers) } 1 .. 4);
        my $path = "/l$number" . pick('', '', '/', '/x', '?x=1', '?y=1');
        my $from = pick(inside, outside);
        $gate->token(\%password, path => $path, from => $from, timeout => 3);
        $gate->request(method => pick('GET', 'HEAD', 'OPTIONS'), path => $path, from => $from, timeout => 3,
            headers => [pick(['Authorization', 'Bearer nobody'], ['X-Nothing', '1'])]);
    }
}

# What came to the provider without leave, as text; the audit lines by request say what was given leave.
sub offences {
    my ($off, $configuration, $lines, @requests) = @_;
    # A subrequest has the number of its main request, and a denial of its own.
    my $has_subrequests = $configuration =~ /^location.*(?:mirror|auth_request|ssi|add_after_body) /m;
    my (%leave, %denied);
    for my $line (@$lines) {
        ++$leave{$line->{request_id}} if $line->{decision} eq 'allow' || $line->{phase} eq 'response';
        ++$denied{$line->{request_id}} if $line->{decision} eq 'deny' && $line->{phase} eq 'request' && !$has_subrequests;
    }
    my @offences;
    for my $request (@requests) {
        my ($location) = $request =~ /\r\nX-Location: (\S+)/;
        my ($id) = $request =~ /\r\nX-Request-Id: (\S+)/;
        my ($line) = $request =~ /\A(.*?)\r/;
        if ($off->{$location}) {
            push @offences, "$location forwarded \"$line\" of a request that was denied" if $denied{$id};
        } elsif ($configuration =~ /^location \S* ?\S+ \{ ipfence authorization;.*X-Location $location;/m) {
            next;    # a step of a login, which hands out nothing: there was nothing to decide
        } elsif (--$leave{$id} < 0) {
            push @offences, "$location forwarded \"$line\", which nobody decided";
        }
    }
    return @offences;
}

# Makes one configuration of the random numbers as they are, sends it requests, and returns (the configuration, how many
# requests reached the provider, what must not have happened). Empty when nginx does not take the configuration.
sub prove_configuration {
    my (%off, $count);
    my $gate = gate(
        stopped => 1,
        http => 'map $uri $kind { ~^/l[0-4] token; ~^/l[5-9] resource; default nonsense; }',
        server => configuration(\%off),
    );
    my ($code) = $gate->test_configuration;
    if ($code != 0) {
        $gate->stop;
        return;
    }
    $gate->start;
    send_requests($gate);
    my @requests = $gate->provider_saw;
    $gate->stop;
    my @offences = offences(\%off, $gate->{configuration}, [$gate->audit], @requests);
    push @offences, grep { /AddressSanitizer|runtime error|exited on signal/ } split /\n/, $gate->error_log;
    return ($gate->{configuration}, scalar @requests, @offences);
}

1;
