package Bench::Report;

# The table, on the terminal, as tab-separated values, and as Markdown.

use strict;
use warnings;

use Bench::Nginx;
use List::Util qw(max);

use Exporter qw(import);
our @EXPORT_OK = qw(machine markdown_table median spread print_table write_tsv);

sub median {
    my @sorted = sort { $a <=> $b } @_;
    return undef if !@sorted;
    my $half = @sorted / 2;
    return @sorted % 2 ? $sorted[$half] : ($sorted[$half - 1] + $sorted[$half]) / 2;
}

sub spread {
    my @sorted = sort { $a <=> $b } @_;
    return @sorted ? ($sorted[0], $sorted[-1]) : (undef, undef);
}

sub text_of { map { $_ // '-' } @_ }

# print_table(\@heads, @rows)
sub print_table {
    my ($heads, @rows) = @_;
    @rows = map { [text_of(@$_)] } $heads, @rows;
    my @widths = map { my $column = $_; max map { length $_->[$column] } @rows } 0 .. $#$heads;
    for my $row (@rows) {
        my @cells = map { sprintf $_ == 0 ? '%-*s' : '%*s', $widths[$_], $row->[$_] } 0 .. $#$row;
        print join('  ', @cells), "\n";
    }
    print "\n";
}

# markdown_table(\@heads, @rows): numbers stand on the right.
sub markdown_table {
    my ($heads, @rows) = @_;
    my @lines = map { '| ' . join(' | ', text_of(@$_)) . ' |' } $heads, @rows;
    my @is_number = map { my $column = $_; scalar grep { ($_->[$column] // '') =~ /^\d/ } @rows } 0 .. $#$heads;
    splice @lines, 1, 0, '| ' . join(' | ', map { $_ ? '---:' : '---' } @is_number) . ' |';
    return join "\n", @lines, '';
}

# What was measured on.
sub machine {
    my ($model) = Bench::Nginx::contents('/proc/cpuinfo') =~ /^model name\s*: (.*)$/m;
    my ($nginx) = `nginx -v 2>&1` =~ m{nginx/(\S+)};
    my ($kernel) = Bench::Nginx::contents('/proc/sys/kernel/osrelease') =~ /^(\S+)/;
    return Bench::Nginx::cores() . " cores of $model, Linux $kernel, nginx $nginx";
}

sub write_tsv {
    my ($file, $heads, @rows) = @_;
    open my $out, '>', $file or die "bench: $file: $!\n";
    print {$out} join("\t", text_of(@$_)), "\n" for $heads, @rows;
    close $out or die "bench: $file: $!\n";
}

1;
