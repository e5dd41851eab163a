# docs/catalogue.md says which test tries which row of the catalogue of threats: each file that a row names must say the
# row's number, and each number that a test says must be a row.

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Find qw(find);
use Test::More;

my $root = abs_path(dirname(__FILE__) . '/../..');
my $number = qr/\b(?:[A-OQ]\d\d|P(?:[1-9]|1[0-8]))\b/;

sub read_whole { my ($name) = @_; open my $handle, '<', $name or die "$name: $!"; local $/; return <$handle> }

# row => [files that it names, what it says]
sub rows_of {
    my ($document) = @_;
    my %rows;
    for my $line (split /\n/, $document) {
        my ($row, $where) = $line =~ /\A\| ($number) \| [^|]+ \| ([^|]+) \|\z/ or next;
        $rows{$row} = [[$where =~ /`(t\/[^`]+)`/g], $where];
    }
    return %rows;
}

# What is wrong with a row.
sub faults_of {
    my ($row, $files, $says, $text_of) = @_;
    return $says =~ /\ANot tested: \S/ ? () : "$row says neither where it is tested nor why not" unless @$files;
    return map { my $text = $text_of->($_); !defined $text ? "$row: there is no $_" : $text =~ /\b$row\b/ ? () : "$row: $_ does not name it" } @$files;
}

my %tests;
find({no_chdir => 1, preprocess => sub { grep { !/\A(?:node_modules|seeds)\z/ } @_ },
    wanted => sub { $tests{substr $_, 1 + length $root} = read_whole($_) if /\.(?:t|pl|pm|cpp|mjs)\z/ }}, "$root/t");
delete $tests{'t/module/catalogue.t'};
my $text_of = sub { return $tests{$_[0]} };

# First on what it must find.
my %tried = rows_of("| A01 | a path | `t/x.t` |\n| A02 | another | Not tested: for a reason |\n| P3 | a promise | nowhere |\n| A1 | none | x |\n");
is_deeply([sort keys %tried], [qw(A01 A02 P3)], 'rows are read');
my @found = map { faults_of($_, @{$tried{$_}}, sub { 'A02 and A011' }) } sort keys %tried;
is_deeply(\@found, ['A01: t/x.t does not name it', 'P3 says neither where it is tested nor why not'], 'and a fault would be found');

my %rows = rows_of(read_whole("$root/docs/catalogue.md"));
cmp_ok(scalar keys %rows, '>', 170, 'the table: ' . keys(%rows) . ' rows');
is_deeply([map { faults_of($_, @{$rows{$_}}, $text_of) } sort keys %rows], [], 'every row is tested where it says, or says why not');

# Titles and comments say numbers as "K13", "(K13)", "K13, P9:" or "id => 'P9, K13'"; other words look alike.
my @unlisted;
for my $file (sort keys %tests) {
    for my $line (split /\n/, $tests{$file}) {
        next if $line !~ /(?:['"(]|threats\.md |catalogue[^\n]*|\/\/ |, |and )$number(?:[:,);. '"]|\z)/;
        push @unlisted, map { "$file: $_" } grep { !$rows{$_} } $line =~ /(?:['"(]|threats\.md,? |catalogue[^\n]*? |, |and )($number)(?=[:,);.']| to )/g;
    }
}
is_deeply(\@unlisted, [], 'every number that a test names is a row');

done_testing;
