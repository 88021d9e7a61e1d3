-- Flink configuration in Neovim, by `slotwise lsp`. Works from Neovim 0.7 on.

local M = {}

-- Manifests and compose files are YAML like any other; the server says nothing about those that
-- have nothing to do with Flink.
M.patterns = { "*.yaml", "*.yml" }
M.command = { vim.env.SLOTWISE or "slotwise", "lsp" }
M.settings = { slotwise = vim.empty_dict() }

-- One server for all files.
local client_id

function M.attach(buffer)
  if not (client_id and vim.lsp.get_client_by_id(client_id)) then
    client_id = vim.lsp.start_client({
      name = "slotwise",
      cmd = M.command,
      root_dir = vim.fn.getcwd(),
      settings = M.settings,
      capabilities = vim.lsp.protocol.make_client_capabilities(),
    })
  end
  if client_id then
    vim.lsp.buf_attach_client(buffer, client_id)
    if vim.bo[buffer].omnifunc == "" then
      vim.bo[buffer].omnifunc = "v:lua.vim.lsp.omnifunc"
    end
    local client = vim.lsp.get_client_by_id(client_id)
    -- Sizes beside settings, from Neovim 0.10 on.
    if client and vim.lsp.inlay_hint then
      pcall(vim.lsp.inlay_hint.enable, true, { bufnr = buffer })
    end
  end
  return client_id
end

vim.api.nvim_create_autocmd({ "BufReadPost", "BufNewFile" }, {
  pattern = M.patterns,
  callback = function(event)
    M.attach(event.buf)
  end,
})

return M
