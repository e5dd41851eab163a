package IPFence::Secrets;

# Secrets that a test hands to the gate, and a search for them, in every spelling, in whatever the gate wrote and
# in the memory that its processes share.

use strict;
use warnings;
no warnings 'portable';    # addresses of 64 bits

use Exporter qw(import);
use MIME::Base64 qw(encode_base64);

our @EXPORT = qw(secret known_secret secrets_in is_secret_in search_terms log_records shared_memory is_kept_from_cores);

my $half_length = 12;
my (%value, %name_of, $pattern);

# The value of the secret of this name: random, the same each time. Its halves are looked for each on its own, so
# that a part of it is found, too.
sub secret {
    my ($name) = @_;
    my @letters = ('a' .. 'z', 'A' .. 'Z', 0 .. 9);
    return $value{$name} //= known_secret($name, join '', map { $letters[rand @letters] } 1 .. 2 * $half_length);
}

# One that the test did not choose, such as a signature.
sub known_secret {
    my ($name, $text) = @_;
    for my $half (substr($text, 0, $half_length), substr $text, -$half_length) {
        $name_of{$_} = $name for spellings($half);
    }
    undef $pattern;
    return $text;
}

# As it is, in base64 (wherever it begins in what is encoded: the characters that depend on its neighbours are left
# out), in hexadecimal, and percent-encoded.
sub spellings {
    my ($text) = @_;
    my $hex = unpack 'H*', $text;
    my %seen = ($text => 1, $hex => 1, uc $hex => 1);
    $seen{join '', map { "%$_" } unpack '(a2)*', $_} = 1 for $hex, uc $hex;
    for my $before (0 .. 2) {
        my $encoded = encode_base64("\0" x $before . $text, '');
        my $own = substr $encoded, (0, 2, 3)[$before];
        $own = substr $own, 0, length($own) - (0, 3, 2)[($before + length $text) % 3];
        $seen{$own} = $seen{$own =~ tr{+/}{-_}r} = 1;
    }
    return keys %seen;
}

# The names of the secrets that are in these bytes.
sub secrets_in {
    my ($bytes) = @_;
    $pattern //= do { my $any = join '|', map { quotemeta } sort keys %name_of; qr/($any)/ };
    my %found;
    $found{$name_of{$1}} = 1 while $bytes =~ /$pattern/g;
    return sort keys %found;
}

sub is_secret_in { my ($name, $bytes) = @_; return scalar grep { $_ eq $name } secrets_in($bytes) }

sub search_terms { return scalar keys %name_of }

# The records of an error log as [level, text]: what nginx logs of the headers that it sends has many lines.
sub log_records {
    my ($text) = @_;
    my @records;
    for my $line (split /^/, $text) {
        if ($line =~ m{\A\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[(\w+)\] }) {
            push @records, [$1, $line];
        } elsif (@records) {
            $records[-1][1] .= $line;
        }
    }
    return @records;
}

# What a process shares with the others of its gate: [name of the mapping, its bytes, its kernel flags].
sub shared_memory {
    my ($pid) = @_;
    open my $maps, '<', "/proc/$pid/smaps" or die "smaps: $!";
    open my $memory, '<:raw', "/proc/$pid/mem" or die "mem: $!";
    my @mappings;
    while (my $line = <$maps>) {
        if ($line =~ m{\A([0-9a-f]+)-([0-9a-f]+) \S+ \S+ \S+ \d+\s*(.*)}) {
            my ($from, $to, $name) = (hex $1, hex $2, $3);
            push @mappings, {name => $name, from => $from, size => $to - $from};
        } elsif ($line =~ /\AVmFlags: (.*)/) {
            $mappings[-1]{flags} = " $1 ";
        }
    }
    my @shared = grep { $_->{name} =~ m{\A/(?:memfd:|dev/zero)} } @mappings;
    for my $mapping (@shared) {
        sysseek $memory, $mapping->{from}, 0 or die "seek: $!";
        sysread($memory, $mapping->{bytes}, $mapping->{size}) // die "$mapping->{name}: $!";
    }
    return @shared;
}

sub is_kept_from_cores { my ($mapping) = @_; return $mapping->{flags} =~ / dd / }

1;
