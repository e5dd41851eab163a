// The setter of ipfence_audit.

#include "module/audit_file.hpp"
#include "module/directive.hpp"

namespace {

using namespace ipfence::module;

constexpr ngx_msec_t kUsualFlush = 1000;

// Empty: a word is none that ipfence_audit takes, or has no value that it can have.
std::optional<AuditFile::Buffering> read_buffering(std::span<const ngx_str_t> words) {
    AuditFile::Buffering buffering{.size = 0, .flush = kUsualFlush};
    for (const ngx_str_t &word : words) {
        if (const auto text = parameter(word, "buffer")) {
            ngx_str_t value = ngx_view(*text);
            const ssize_t size = ngx_parse_size(&value);
            if (size < static_cast<ssize_t>(AuditFile::kLeastBuffer) ||
                size > NGX_MAX_INT32_VALUE) {
                return std::nullopt;
            }
            buffering.size = static_cast<std::uint32_t>(size);
        } else if (const auto time = parameter(word, "flush")) {
            ngx_str_t value = ngx_view(*time);
            const ngx_int_t flush = ngx_parse_time(&value, 0);
            if (flush <= 0) {
                return std::nullopt;
            }
            buffering.flush = static_cast<ngx_msec_t>(flush);
        } else {
            return std::nullopt;
        }
    }
    const bool is_whole = words.empty() || buffering.size != 0;  // "flush" needs "buffer"
    return is_whole ? std::optional(buffering) : std::nullopt;
}

AuditFile *open_file(ngx_conf_t *cf, ngx_array_t &files, ngx_open_file_t &file,
                     AuditFile::Buffering buffering) {
    for (AuditFile *known : elements<AuditFile *>(files)) {
        if (&known->file() == &file) {
            return known;
        }
    }
    return add_owned(cf, files, std::make_unique<AuditFile>(file, buffering));
}

char *refuse_path(ngx_conf_t *cf, ngx_command_t *cmd, ngx_str_t *path) {
    if (path->len == 0) {
        return message("names no file; to write nothing is \"off\"");  // nginx would take stderr
    }
    if (ngx_http_script_variables_count(path) != 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" writes to a file or to syslog or is \"off\"; variables are "
                           "not possible, as in \"%V\"",
                           &cmd->name, path);
        return kError;
    }
    return nullptr;
}

// nginx itself reopens the files that it opens this way when it gets USR1.
char *set_file(ngx_conf_t *cf, ngx_command_t *cmd, ngx_http_ipfence_loc_conf_t *conf) {
    auto *main = main_configuration(cf);
    const auto words = arguments(cf);
    ngx_str_t *path = &words[0];
    if (char *error = refuse_path(cf, cmd, path)) {
        return error;
    }
    if (char *error = refuse_repeated(cf, cmd)) {
        return error;
    }
    const auto buffering = read_buffering(words.subspan(1));
    static_assert(AuditFile::kLeastBuffer == 4096);
    if (!buffering) {
        return message(
            "takes a file and \"buffer=SIZE\", of 4k or more, and with it \"flush=TIME\"");
    }
    ngx_open_file_t *file = ngx_conf_open_file(cf->cycle, path);
    if (file == nullptr) {
        return kError;
    }
    conf->audit = open_file(cf, main->audit_files, *file, *buffering);
    if (conf->audit == nullptr) {
        return kError;
    }
    if (conf->audit->buffering() != *buffering) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" names \"%V\" in another place with another buffer: give it the "
                           "same \"buffer\" and \"flush\" wherever it is named",
                           &cmd->name, path);
        return kError;
    }
    return NGX_CONF_OK;
}

}  // namespace

char *ngx_http_ipfence_set_audit(ngx_conf_t *cf, ngx_command_t *cmd, void *data) noexcept {
    return directive(cf, [&]() -> char * {
        auto *conf = static_cast<ngx_http_ipfence_loc_conf_t *>(data);
        if (conf->audit != NGX_CONF_UNSET_PTR) {
            return message(kDuplicate);
        }
        // What a location has replaces what the server has, whichever of the two it is.
        conf->audit = nullptr;
        conf->audit_syslog = nullptr;
        const auto words = arguments(cf);
        const bool is_syslog = view(words[0]).starts_with("syslog:");
        if (!is_syslog && view(words[0]) != "off") {
            return set_file(cf, cmd, conf);
        }
        if (words.size() != 1) {
            return unknown_word(cf, cmd, &words[1]);
        }
        if (!is_syslog) {
            return NGX_CONF_OK;
        }
        conf->audit_syslog = pool_zeroed<ngx_syslog_peer_t>(cf->pool);
        return conf->audit_syslog == nullptr ? kError
                                             : ngx_syslog_process_conf(cf, conf->audit_syslog);
    });
}
