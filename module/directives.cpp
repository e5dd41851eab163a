// The setters of the directives about what requests are, by which policy and from where they are
// decided; the others have files of their own.

#include <memory>
#include <vector>

#include "engine/address/range_table.hpp"
#include "engine/credential/parameter_name.hpp"
#include "module/directive.hpp"
#include "module/kind.hpp"
#include "module/nginx.hpp"
#include "module/policy_file.hpp"

namespace {

using namespace ipfence;
using namespace ipfence::module;

char *set_variable_kind(ngx_conf_t *cf, ngx_http_ipfence_loc_conf_t *conf, ngx_str_t *text) {
    conf->kind_value = pool_zeroed<ngx_http_complex_value_t>(cf->pool);
    if (conf->kind_value == nullptr || compile_value(cf, text, conf->kind_value) != NGX_OK) {
        return kError;
    }
    conf->kind = NGX_HTTP_IPFENCE_VARIABLE;
    return NGX_CONF_OK;
}

char *set_literal_kind(ngx_conf_t *cf, ngx_http_ipfence_loc_conf_t *conf, ngx_str_t *text) {
    const auto kind = kind_of(view(*text));
    if (!kind) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\" in \"ipfence\" directive, it must be \"off\", "
                           "\"token\", \"authorization\", \"resource\", \"password_change\", "
                           "\"verification_registration\", \"login_flow\", \"verification\", "
                           "\"revocation\", \"logout\" or a variable",
                           text);
        return kError;
    }
    conf->kind = *kind;
    return NGX_CONF_OK;
}

}  // namespace

char *ngx_http_ipfence_set_kind(ngx_conf_t *cf, ngx_command_t *, void *data) noexcept {
    return directive(cf, [&]() -> char * {
        auto *conf = static_cast<ngx_http_ipfence_loc_conf_t *>(data);
        ngx_str_t *text = &arguments(cf)[0];

        if (conf->kind != NGX_CONF_UNSET_UINT) {
            return message(kDuplicate);
        }
        conf->kind_is_here = 1;
        conf->kind_file = cf->conf_file->file.name;
        conf->kind_line = cf->conf_file->line;

        return ngx_http_script_variables_count(text) != 0 ? set_variable_kind(cf, conf, text)
                                                          : set_literal_kind(cf, conf, text);
    });
}

char *ngx_http_ipfence_set_policy(ngx_conf_t *cf, ngx_command_t *cmd, void *data) noexcept {
    return directive(cf, [&]() -> char * {
        auto **field = reinterpret_cast<PolicyFile **>(static_cast<char *>(data) + cmd->offset);
        auto *main = main_configuration(cf);

        if (*field != NGX_CONF_UNSET_PTR) {
            return message(kDuplicate);
        }
        const auto path = full_path(cf, view(arguments(cf)[0]));
        if (!path) {
            return kError;
        }
        *field = policy_of_file(cf, main, *path);
        return *field == nullptr ? kError : NGX_CONF_OK;
    });
}

char *ngx_http_ipfence_set_trusted_proxies(ngx_conf_t *cf, ngx_command_t *cmd,
                                           void *data) noexcept {
    return directive(cf, [&]() -> char * {
        auto *conf = static_cast<ngx_http_ipfence_loc_conf_t *>(data);
        if (conf->trusted_proxies != NGX_CONF_UNSET_PTR) {
            return message(kDuplicate);
        }

        std::vector<AddressRange> ranges;
        for (const ngx_str_t &argument : arguments(cf)) {
            auto range = AddressRange::parse(view(argument));
            if (!range) {
                const ngx_str_t problem = ngx_view(range.error().message);
                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid value \"%V\" in \"%V\": %V",
                                   &argument, &cmd->name, &problem);
                return kError;
            }
            ranges.push_back(*range);
        }

        conf->trusted_proxies =
            owned_by_pool<const RangeTable>(cf->pool, std::make_unique<const RangeTable>(ranges));
        return conf->trusted_proxies == nullptr ? kError : NGX_CONF_OK;
    });
}

// A variable that lost its $ would be nobody's address, and an address everybody's.
char *ngx_http_ipfence_set_client_address(ngx_conf_t *cf, ngx_command_t *cmd, void *data) noexcept {
    if (char *error = ngx_http_set_complex_value_slot(cf, cmd, data); error != NGX_CONF_OK) {
        return error;
    }
    ngx_str_t &written = arguments(cf)[0];
    if (ngx_http_script_variables_count(&written) > 0) {
        return NGX_CONF_OK;
    }
    ngx_conf_log_error(NGX_LOG_WARN, cf, 0, "\"ipfence_client_address %V\" %s", &written,
                       Address::parse(view(written))
                           ? "is the address of every client: it has no variable"
                           : "is no address, and no client has one: a variable begins with \"$\"");
    return NGX_CONF_OK;
}

// A header of another name would never be found, and every client's address be unknown.
char *ngx_http_ipfence_set_forwarded_header(ngx_conf_t *cf, ngx_command_t *, void *data) noexcept {
    auto *conf = static_cast<ngx_http_ipfence_loc_conf_t *>(data);
    if (conf->forwarded_header.data != nullptr) {
        return message(kDuplicate);
    }
    conf->forwarded_header = arguments(cf)[0];
    const std::string_view name = view(conf->forwarded_header);
    if (name == "proxy_protocol") {
        return message(
            "takes a header's name; the address of the PROXY protocol is what "
            "\"ipfence_client_address $proxy_protocol_addr\" takes");
    }
    return is_header_or_cookie_name(name)
               ? NGX_CONF_OK
               : message(
                     "has a name that no header can have: it takes no variable, as "
                     "\"ipfence_client_address\" does");
}

// nginx looks for the location as it is written, with a query and all. "" is none, where around it
// there is one.
char *ngx_http_ipfence_set_location(ngx_conf_t *cf, ngx_command_t *cmd, void *data) noexcept {
    auto *field = reinterpret_cast<ngx_str_t *>(static_cast<char *>(data) + cmd->offset);
    if (field->data != nullptr) {
        return message(kDuplicate);
    }
    *field = arguments(cf)[0];
    const std::string_view uri = view(*field);
    return uri.empty() ||
                   (uri.starts_with('/') && uri.find_first_of("?#") == std::string_view::npos)
               ? NGX_CONF_OK
               : message("takes the path of a location, as /introspect");
}

char *ngx_http_ipfence_set_values(ngx_conf_t *cf, ngx_command_t *cmd, void *data) noexcept {
    return directive(cf, [&]() -> char * {
        auto **field = reinterpret_cast<ngx_array_t **>(static_cast<char *>(data) + cmd->offset);
        if (*field != NGX_CONF_UNSET_PTR) {
            return message(kDuplicate);
        }

        const auto texts = arguments(cf);
        *field = ngx_array_create(cf->pool, texts.size(), sizeof(ngx_http_complex_value_t));
        if (*field == nullptr) {
            return kError;
        }
        for (ngx_str_t &text : texts) {
            auto *value = static_cast<ngx_http_complex_value_t *>(ngx_array_push(*field));
            if (value == nullptr || compile_value(cf, &text, value) != NGX_OK) {
                return kError;
            }
        }
        return NGX_CONF_OK;
    });
}

char *ngx_http_ipfence_set_token_query(ngx_conf_t *cf, ngx_command_t *, void *data) noexcept {
    return directive(cf, [&]() -> char * {
        auto *conf = static_cast<ngx_http_ipfence_loc_conf_t *>(data);
        if (conf->token_query != NGX_CONF_UNSET_PTR) {
            return message(kDuplicate);
        }
        const auto names = arguments(cf);
        for (ngx_str_t &name : names) {
            const ngx_str_t objection = ngx_view(objection_to_query_name(view(name)));
            if (objection.len != 0) {
                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "ipfence_token_query: \"%V\": %V", &name,
                                   &objection);
                return kError;
            }
        }
        conf->token_query = array_of(cf->pool, names);
        return conf->token_query == nullptr ? kError : NGX_CONF_OK;
    });
}

char *ngx_http_ipfence_set_guard(ngx_conf_t *, ngx_command_t *, void *data) noexcept {
    auto *conf = static_cast<ngx_http_ipfence_srv_conf_t *>(data);
    if (conf->guard) {
        return message(kDuplicate);
    }
    conf->guard = 1;
    return NGX_CONF_OK;
}
