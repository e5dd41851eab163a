#include "engine/analysis/configuration_reader.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "engine/analysis/configuration_file.hpp"
#include "engine/analysis/statement.hpp"

namespace ipfence {

namespace {

bool is_lua(std::string_view name) {
    return name.ends_with("_by_lua_block");
}

class ConfigurationReader {
  public:
    using Directives = std::vector<NginxDirective>;
    using Fault = std::optional<Error>;  // with file and line

    Result<NginxConfiguration> read(const std::string &path) {
        const auto file = open(path);
        if (!file) {
            return Error{path + ": " + file.error().message};
        }
        if (Fault fault = read_file(path, *file, configuration_.directives, 1)) {
            return std::move(*fault);
        }
        return std::move(configuration_);
    }

  private:
    // A file that is being read.
    struct OpenFile {
        std::size_t index;
        StatementReader reader;
    };

    static Error at(std::string_view file, unsigned line, std::string_view message) {
        return Error{std::string(file) + ':' + std::to_string(line) + ": " + std::string(message)};
    }

    Error at(const OpenFile &file, unsigned line, std::string_view message) const {
        return at(configuration_.files[file.index], line, message);
    }

    Result<ConfigurationFile> open(const std::string &path) {
        auto file = read_configuration_file(path, ConfigurationLimits::kBytes - bytes_);
        if (file && std::ranges::find(open_, file->identity) != open_.end()) {
            return Error{"includes itself"};
        }
        return file;
    }

    // The directives of a file become part of `directives`, wherever those are.
    Fault read_file(const std::string &path, const ConfigurationFile &file, Directives &directives,
                    unsigned depth) {
        OpenFile opened{configuration_.files.size(), StatementReader(file.text)};
        configuration_.files.push_back(path);
        bytes_ += file.text.size();
        open_.push_back(file.identity);
        Fault fault = read_block(opened, Statement::End::text_ends, directives, depth);
        open_.pop_back();
        return fault;
    }

    // Up to the statement that ends the block, or the file.
    Fault read_block(OpenFile &file, Statement::End end, Directives &directives, unsigned depth) {
        if (depth > ConfigurationLimits::kDepth) {
            return at(file, file.reader.line(), "blocks and includes are nested too deep");
        }
        for (;;) {
            auto statement = file.reader.next();
            if (!statement) {
                return at(file, file.reader.line(), statement.error().message);
            }
            if (statement->words.empty()) {
                return check_end(file, *statement, end);
            }
            if (Fault fault = take(file, std::move(statement).value(), directives, depth)) {
                return fault;
            }
        }
    }

    Fault check_end(const OpenFile &file, const Statement &statement, Statement::End end) const {
        if (statement.end == end) {
            return std::nullopt;
        }
        return at(file, statement.line,
                  end == Statement::End::block_ends ? "unexpected end of file, a \"}\" is missing"
                                                    : "unexpected \"}\"");
    }

    Fault take(OpenFile &file, Statement statement, Directives &directives, unsigned depth) {
        if (statement.end == Statement::End::semicolon && statement.words.size() == 2 &&
            statement.words.front() == "include") {
            return include(file, statement, directives, depth);
        }
        NginxDirective directive{std::move(statement.words), {file.index, statement.line}, {}, {}};
        if (statement.end == Statement::End::block_begins) {
            if (is_lua(directive.name())) {
                return at(
                    file, statement.line,
                    '"' + directive.words.front() +
                        "\" holds Lua code, which is not read here; move it to a file and "
                        "name that in the directive of the same name that ends with \"_file\"");
            }
            directive.has_block = true;
            if (Fault fault =
                    read_block(file, Statement::End::block_ends, directive.block, depth + 1)) {
                return fault;
            }
        }
        directives.push_back(std::move(directive));
        return std::nullopt;
    }

    Fault include(const OpenFile &file, const Statement &statement, Directives &directives,
                  unsigned depth) {
        const auto paths = included_files(configuration_.full_path(statement.words[1]));
        if (!paths) {
            return at(file, statement.line, paths.error().message);
        }
        for (const std::string &path : *paths) {
            if (configuration_.files.size() == ConfigurationLimits::kFiles) {
                return at(file, statement.line, "too many files are included");
            }
            const auto included = open(path);
            if (!included) {
                return at(file, statement.line, path + ": " + included.error().message);
            }
            if (Fault fault = read_file(path, *included, directives, depth + 1)) {
                return fault;
            }
        }
        return std::nullopt;
    }

    NginxConfiguration configuration_;
    std::vector<std::pair<dev_t, ino_t>> open_;  // each included by the one before
    std::size_t bytes_ = 0;
};

}  // namespace

std::string NginxConfiguration::full_path(std::string_view name) const {
    const std::string &first = files.front();
    const std::size_t slash = first.rfind('/');
    if (name.starts_with('/') || slash == std::string::npos) {
        return std::string(name);
    }
    return first.substr(0, slash + 1) + std::string(name);
}

Result<NginxConfiguration> read_nginx_configuration(const std::string &file) {
    return ConfigurationReader().read(file);
}

}  // namespace ipfence
