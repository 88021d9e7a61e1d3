;;; slotwise.el --- Flink configuration, by `slotwise lsp'  -*- lexical-binding: t -*-

;; Package-Requires: ((emacs "28.1") (eglot "1.9"))

;;; Commentary:

;; A mode for flink-conf.yaml and conf/config.yaml that starts the language server:
;;
;;     (load "/path/to/slotwise.el")

;;; Code:

(require 'eglot)

(defgroup slotwise nil "Flink configuration." :group 'tools)

(defcustom slotwise-program (or (getenv "SLOTWISE") "slotwise")
  "The slotwise program."
  :type 'string)

(defvar slotwise-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?# "<" table)
    (modify-syntax-entry ?\n ">" table)
    (modify-syntax-entry ?. "_" table)
    (modify-syntax-entry ?- "_" table)
    table))

;;;###autoload
(define-derived-mode slotwise-mode prog-mode "Flink"
  "Configuration of Apache Flink."
  (setq-local comment-start "# ")
  (setq-local font-lock-defaults
              '((("^[ \t]*\\([^:#\n]+\\):\\(?:[ \t]\\|$\\)" 1 font-lock-variable-name-face)))))

;;;###autoload
(add-to-list 'auto-mode-alist '("/flink-conf\\.yaml\\'" . slotwise-mode))
;;;###autoload
(add-to-list 'auto-mode-alist '("/conf/config\\.yaml\\'" . slotwise-mode))

(add-to-list 'eglot-server-programs
             `(slotwise-mode . (,slotwise-program "lsp")))
(add-hook 'slotwise-mode-hook #'eglot-ensure)

(provide 'slotwise)
;;; slotwise.el ends here
