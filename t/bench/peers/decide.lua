-- The policy of the benchmark as a script for lua-nginx-module. Addresses are compared as the strings of bytes that
-- nginx has them in, by binary search: LuaJIT's order of strings is that of memcmp.
local exit, var, req = ngx.exit, ngx.var, ngx.req

local ranges_of = {
    standard = {
        [4] = { first = { "\127\0\0\0", "\203\0\113\0" }, last = { "\127\0\0\255", "\203\0\113\255" } },
        [16] = {
            first = { "\32\1\13\184" .. ("\0"):rep(12) },
            last = { "\32\1\13\184" .. ("\255"):rep(12) },
        },
    },
    everywhere = "unrestricted",
}
local profile_of = { ["alice@example.com"] = "standard", ["bob@example.com"] = "everywhere" }
local relaxation_of = { web = "enforce", mobile = "relax" }

local function is_inside(address, profile)
    local ranges = ranges_of[profile]
    if ranges == "unrestricted" then
        return true
    end
    local first, last = ranges[#address].first, ranges[#address].last
    local low, high = 1, #first
    while low <= high do
        local middle = math.floor((low + high) / 2)
        if address < first[middle] then
            high = middle - 1
        elseif address > last[middle] then
            low = middle + 1
        else
            return true
        end
    end
    return false
end

local function refuse()
    ngx.status = 400
    ngx.header.content_type = "application/json"
    ngx.print('{"error":"invalid_grant","error_description":"ip restricted"}')
    return exit(400)
end

-- For the log.
local function note(app, user, decision)
    var.app = app
    var.user = user
    var.decision = decision
end

local function is_allowed(form)
    local profile = profile_of[form.username] or "standard"
    return relaxation_of[form.client_id] == "relax" or is_inside(var.binary_remote_addr, profile)
end

-- `noted` is called with what was decided, if it is given.
local function request(noted)
    req.read_body()
    local form = req.get_post_args()
    local allowed = is_allowed(form)
    if noted then
        noted(form.client_id, form.username, allowed and "allow" or "deny")
    end
    if not allowed then
        return refuse()
    end
end

return { request = request, note = note }
