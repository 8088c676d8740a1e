---@meta

-- Types of the poller.

---@class webpubsub.PollerOptions
---@field max_connections? integer 64
---@field max_in_flight? integer with HTTP/2, which shares connections; max_connections
---@field connect_timeout? number seconds
---@field max_response_body? integer bytes
---@field proxy? string|false
---@field ca_file? string
---@field verify? boolean
---@field http_version? "1.1"|"2"
---@field on_error? fun(err: any, traceback: string) what a spawned function raised
---@field wait? fun(fd: integer, seconds: number) waits in a coroutine of the host's own loop

---@class webpubsub.Task
local Task = {}

---Ends it where it waits; what is known of its request, nil when it had ended.
---@return "not_sent"|"maybe_sent"|nil
function Task:cancel() end

---@return "running"|"done"|"failed"|"cancelled"
function Task:status() end

---@class webpubsub.Poller: webpubsub.Transport
local Poller = {}

---Runs f(…) until it first waits; poll does the rest.
---@param f function
---@return webpubsub.Task
function Poller:spawn(f, ...) end

---@param timeout? number seconds to wait at most; 0
---@param budget? number seconds to work at most; 0.0005 when the timeout is 0
---@return integer alive tasks
function Poller:poll(timeout, budget) end

---Polls until no task is alive.
function Poller:run() end

---@return integer? descriptor readable when poll has something to do
function Poller:fd() end

---@return number? seconds until poll has something to do without the descriptor
function Poller:timeout() end

---@return { waiting: integer, in_flight: integer, tasks: integer }
function Poller:counts() end

---@generic T
---@param list T[]
---@param limit integer at a time
---@param f fun(item: T, i: integer): any, any
---@return table results { value, detail } for each item; `failed` counts those without a value
function Poller:map(list, limit, f) end

function Poller:send(request, deadline) end

function Poller:sleep(seconds) end

function Poller:now() end

---Cancels every task and closes the connections.
function Poller:close() end
