-- What the load is made of: every kind of request, allowed, denied, refused and failing, in turn. Tokens, codes and
-- cookies that no answer carried are new each time; those of answers come back in later requests.
local form = { ["Content-Type"] = "application/x-www-form-urlencoded" }
local count, token, session = 0, "unknown", "unknown"

local function post(path, body, headers)
  return wrk.format("POST", path, headers or form, body)
end

local function get(path, headers)
  return wrk.format("GET", path, headers)
end

local mix = {
  function() return post("/token", "grant_type=authorization_code&client_id=web&code=c" .. count) end,
  function() return post("/token", "grant_type=refresh_token&client_id=web&refresh_token=r" .. token) end,
  function() return post("/token", "grant_type=refresh_token&client_id=web&refresh_token=new" .. count) end,
  function() return post("/token", "grant_type=client_credentials&client_id=web") end,
  function() return post("/outside/token", "grant_type=password&client_id=web&username=alice&password=p") end,
  function() return post("/outside/token", "grant_type=authorization_code&client_id=web&code=d" .. count) end,
  function() return post("/broken/token", "grant_type=authorization_code&client_id=web&code=e" .. count) end,
  function() return post("/token", "grant_type=authorization_code&grant_type=x&code=%zz") end,
  function() return post("/token", "grant_type=password&pad=" .. string.rep("x", 20000)) end,
  function() return get("/auth?client_id=web&response_type=code", { Cookie = "sid=" .. session }) end,
  function() return get("/api", { Authorization = "Bearer a" .. token }) end,
  function() return get("/api", { Authorization = "Bearer new" .. count }) end,
  function() return get("/api?access_token=b" .. token, { Authorization = "Bearer b" }) end,
  function() return get("/page", { Cookie = "sid=" .. session }) end,
  function() return get("/page", { Cookie = "sid=new" .. count }) end,
  function() return get("/verified", { Cookie = "sid=" .. session }) end,
  function() return post("/revoke", "client_id=web&token=r" .. token) end,
  function() return get("/logout", { Cookie = "sid=" .. session }) end,
  function() return get("/") end,
}

function request()
  count = count + 1
  return mix[count % #mix + 1]()
end

function response(_, headers, body)
  token = body:match('"refresh_token":"r(%x+)"') or token
  session = (headers["Set-Cookie"] or ""):match("sid=(%x+)") or session
end
