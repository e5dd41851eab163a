// An nginx configuration: its statements, and what the lint makes of it.

#include <string>
#include <string_view>

#include "engine/analysis/lint.hpp"
#include "engine/analysis/statement.hpp"
#include "t/fuzz/input.hpp"
#include "t/fuzz/scratch_file.hpp"

using namespace ipfence;
using fuzz::require;

namespace {

std::string in_quotes(std::string_view word) {
    std::string text = "\"";
    for (const char byte : word) {
        if (byte == '"' || byte == '\\') {
            text += '\\';
        }
        text += byte;
    }
    return text + '"';
}

std::string_view text_of(Statement::End end) {
    switch (end) {
        case Statement::End::semicolon:
            return " ;\n";
        case Statement::End::block_begins:
            return " {\n";
        case Statement::End::block_ends:
            return " }\n";
        case Statement::End::text_ends:
            break;
    }
    return "";
}

// All statements up to the end or the first error, every word quoted.
std::string rewritten(std::string_view text) {
    StatementReader reader(text);
    std::string all;
    for (;;) {
        const auto statement = reader.next();
        if (!statement || statement->end == Statement::End::text_ends) {
            return all;
        }
        for (const std::string &word : statement->words) {
            all += in_quotes(word) + ' ';
        }
        all += text_of(statement->end);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    static const fuzz::ScratchFile file("nginx.conf");
    const fuzz::ExactText text = fuzz::Input(data, size).rest();
    const std::string once = rewritten(text.view());
    require(rewritten(once) == once, "quotes change nothing about what is read");
    // What the machine has in its files is no part of the input.
    if (text.view().find("include") == std::string_view::npos) {
        const auto report = lint(file.with(text.view()));
        require(!report.ok() || report->files.size() == 1, "one file was read");
    }
    return 0;
}
