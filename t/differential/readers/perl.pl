# What Perl's frameworks read: CGI.pm, and Plack (Dancer, Catalyst on PSGI) with its own Basic.

use strict;
use warnings;

use CGI ();
use File::Basename qw(dirname);
use JSON::PP;
use MIME::Base64 qw(decode_base64 encode_base64);
use Plack::Middleware::Auth::Basic;
use Plack::Request;

$CGI::LIST_CONTEXT_WARN = 0;
$CGI::POST_MAX = -1;
$| = 1;

my $json = JSON::PP->new;

sub slurp { local (@ARGV, $/) = @_; return scalar <> }
my @fields = @{$json->decode(slurp(dirname(__FILE__) . '/fields.json'))};

sub encoded { return encode_base64($_[0] // '', '') }

sub parameters {
    my ($values_of) = @_;
    return {parameters => {map { my $name = $_; $name => [map { encoded($_) } $values_of->($name)] } @fields}};
}

sub environment {
    my ($request, $body) = @_;
    my %headers = map { $_->[0] => $_->[1] } @{$request->{headers}};
    open my $input, '<', \$body or die $!;
    return {
        REQUEST_METHOD => $request->{method}, PATH_INFO => '/token', QUERY_STRING => '', SCRIPT_NAME => '',
        SERVER_NAME => 'localhost', SERVER_PORT => 80, CONTENT_LENGTH => length $body,
        CONTENT_TYPE => $headers{'content-type'}, HTTP_AUTHORIZATION => $headers{authorization},
        'psgi.input' => $input, 'psgi.url_scheme' => 'http', 'psgi.errors' => \*STDERR, 'psgix.input.buffered' => 1,
    };
}

sub read_cgi {
    my ($request, $body) = @_;
    my $cgi = CGI->new($body);
    return parameters(sub { $cgi->multi_param($_[0]) });
}

sub read_plack {
    my $parsed = Plack::Request->new(environment(@_))->body_parameters;
    return parameters(sub { $parsed->get_all($_[0]) });
}

sub read_plack_basic {
    my $client;
    my $middleware = Plack::Middleware::Auth::Basic->wrap(
        sub { [200, [], []] },
        authenticator => sub { $client = encoded($_[0]); return 1 },
    );
    $middleware->(environment(@_));
    return {client => $client};
}

my %readers = ('CGI.pm' => \&read_cgi, 'plack' => \&read_plack, 'plack, Basic' => \&read_plack_basic);

while (my $line = <STDIN>) {
    my $request = $json->decode($line);
    my $body = decode_base64($request->{body});
    my %readings = map { $_ => eval { $readers{$_}->($request, $body) } // {error => "$@"} } keys %readers;
    print $json->encode({id => $request->{id}, readings => \%readings}), "\n";
}
