package IPFence::Certificate;

# A certificate of the test's own, for listeners with TLS and for their clients.

use strict;
use warnings;

use File::Temp qw(tempdir);

use IPFence::Gate;

use Exporter qw(import);
our @EXPORT = qw(make_certificate);

# (key.pem => …, cert.pem => …), as `files` of a gate.
sub make_certificate {
    my $directory = tempdir(CLEANUP => 1);
    system("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=test"
        . " -keyout $directory/key.pem -out $directory/cert.pem 2>/dev/null") == 0 or die 'openssl req';
    return map { $_ => IPFence::Gate::read_whole("$directory/$_") } qw(key.pem cert.pem);
}

1;
