-- Drives a real Neovim: nvim --headless --clean -u NONE -c "luafile test.lua"
-- Prints one line a check and leaves with 1 if one failed.

local here = vim.fn.fnamemodify(debug.getinfo(1, "S").source:sub(2), ":p:h")
local slotwise = dofile(here .. "/slotwise.lua")
local folder = vim.fn.tempname()
vim.fn.mkdir(folder, "p")
local file = folder .. "/flink-conf.yaml"
vim.fn.writefile({
  "taskmanager.memory.process.size: 4g",
  "taskmanager.memory.netwrok.max: 1g",
  "taskmanager.numberOfTaskSlots: 4",
  "state.bac",
}, file)

local failed = 0
local function check(name, ok, detail)
  if not ok then
    failed = failed + 1
  end
  io.stdout:write(string.format("%s %s%s\n", ok and "ok  " or "FAIL", name, ok and "" or ": " .. vim.inspect(detail)))
end

local function leave()
  io.stdout:flush()
  vim.cmd(failed == 0 and "qall!" or "cquit!")
end

local function main()
  vim.cmd("edit " .. file)
  local buffer = vim.api.nvim_get_current_buf()
  local attached = vim.wait(10000, function()
    return #vim.lsp.get_active_clients() > 0 and vim.lsp.buf_get_clients(buffer)[slotwise.attach(buffer)] ~= nil
  end, 20)
  check("the server starts by itself", attached, vim.lsp.get_active_clients())

  local function finding(code)
    for _, diagnostic in ipairs(vim.diagnostic.get(buffer)) do
      local found = diagnostic.code or vim.tbl_get(diagnostic, "user_data", "lsp", "code")
      if found == code then
        return diagnostic
      end
    end
  end
  vim.wait(10000, function() return finding("FK001") ~= nil end, 20)
  local typo = finding("FK001")
  check("a typo is underlined", typo and typo.lnum == 1 and typo.col == 0, vim.diagnostic.get(buffer))

  local function ask(method, line, character, extra)
    local params = vim.tbl_extend("force", {
      textDocument = vim.lsp.util.make_text_document_params(buffer),
      position = { line = line, character = character },
    }, extra or {})
    local answers = vim.lsp.buf_request_sync(buffer, method, params, 10000) or {}
    for _, answer in pairs(answers) do
      return answer.result
    end
  end

  local hover = ask("textDocument/hover", 0, 5)
  local text = hover and hover.contents.value or ""
  check("a hover tells what a key does", text:find("Total Process: **4 GiB**", 1, true) ~= nil, text)

  -- The omni completion of the editor itself, as after <C-x><C-o>; only that the popup menu
  -- opens is left out, as there is no screen.
  vim.api.nvim_win_set_cursor(0, { 4, 9 })
  local column, matches
  local mode, complete = vim.fn.mode, vim.fn.complete
  vim.fn.mode = function() return "i" end
  vim.fn.complete = function(from, items) column, matches = from, items end
  vim.lsp.omnifunc(1, "")
  vim.wait(10000, function() return matches ~= nil end, 20)
  vim.fn.mode, vim.fn.complete = mode, complete
  local found = false
  for _, match in ipairs(matches or {}) do
    found = found or match.word:find("^state%.backend%.type") ~= nil
  end
  check("a key is completed", found and column == 1 and #matches <= 50, { column, matches })

  -- The fix that the editor would apply, chosen and applied by the editor.
  vim.api.nvim_win_set_cursor(0, { 2, 3 })
  local range = { start = { line = 1, character = 3 }, ["end"] = { line = 1, character = 3 } }
  local actions = ask("textDocument/codeAction", 1, 3, { range = range, context = { diagnostics = {} } }) or {}
  local preferred = vim.tbl_filter(function(action) return action.isPreferred end, actions)
  check("one fix is preferred", #preferred == 1, actions)
  if preferred[1] then
    vim.lsp.util.apply_workspace_edit(preferred[1].edit, "utf-16")
  end
  local line = vim.api.nvim_buf_get_lines(buffer, 1, 2, false)[1]
  check("the fix changes the buffer", line == "taskmanager.memory.network.max: 1g", line)
  local gone = vim.wait(10000, function() return finding("FK001") == nil or finding("FK001").lnum ~= 1 end, 20)
  check("the problem goes with it", gone, vim.diagnostic.get(buffer))

  -- Typing, character by character, into a half-written file.
  vim.api.nvim_buf_set_lines(buffer, 3, 4, false, { "taskm" })
  vim.api.nvim_buf_set_lines(buffer, 4, 4, false, { "taskmanager.memory.managed.sizze: 1g" })
  local both = vim.wait(10000, function()
    local again = finding("FK001")
    return again and again.lnum == 4
  end, 20)
  check("a half-typed line hides no other problem", both, vim.diagnostic.get(buffer))

  local symbols = ask("textDocument/documentSymbol", 0, 0)
  check("the outline has the keys", symbols and #symbols >= 1, symbols)
end

local ok, message = xpcall(main, debug.traceback)
if not ok then
  check("the script runs to its end", false, message)
end
leave()
