# What Ruby's frameworks read: Rack (Rails, Sinatra), and its Basic.

require 'json'
require 'rack'
require 'rack/auth/basic'
require 'stringio'

FIELDS = JSON.parse(File.read(File.join(__dir__, 'fields.json')))

def encoded(value)
  [value.is_a?(String) ? value : value.inspect].pack('m0')
end

def environment(request, body)
  headers = request['headers'].to_h
  {
    'REQUEST_METHOD' => request['method'], 'PATH_INFO' => '/token', 'QUERY_STRING' => '', 'SCRIPT_NAME' => '',
    'CONTENT_TYPE' => headers['content-type'], 'CONTENT_LENGTH' => body.bytesize.to_s,
    'HTTP_AUTHORIZATION' => headers['authorization'], 'rack.input' => StringIO.new(body)
  }.compact
end

def read_rack(environment)
  parsed = Rack::Request.new(environment).POST
  { parameters: FIELDS.to_h { |name| [name, parsed[name].nil? ? [] : [encoded(parsed[name])]] } }
end

def read_rack_basic(environment)
  authorization = Rack::Auth::Basic::Request.new(environment)
  is_basic = authorization.provided? && authorization.basic?
  { client: is_basic ? encoded(authorization.username.to_s) : nil }
end

READERS = { 'rack' => :read_rack, 'rack, Basic' => :read_rack_basic }.freeze

def attempt(reader, request, body)
  send(reader, environment(request, body))
rescue StandardError => e
  { error: e.class.name }
end

$stdout.sync = true
$stdin.each_line do |line|
  request = JSON.parse(line)
  body = request['body'].unpack1('m')
  readings = READERS.transform_values { |reader| attempt(reader, request, body) }
  puts JSON.generate(id: request['id'], readings: readings)
end
