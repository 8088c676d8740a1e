-- Loaded by busted before the specs.
-- WEBPUBSUB_EAGER_GC makes the collector run as often as it can, so that what the C side forgot to anchor is gone at
-- once.
if os.getenv "WEBPUBSUB_EAGER_GC" then
  collectgarbage "restart"
  collectgarbage("setpause", 1)
  collectgarbage("setstepmul", 10000)
end
