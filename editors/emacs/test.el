;;; test.el --- Drives a real Emacs  -*- lexical-binding: t -*-

;;; Commentary:

;; emacs -Q --batch -L . -l test.el
;; Prints one line a check and leaves with 1 if one failed.

;;; Code:

(require 'package)
(package-initialize)
(require 'cl-lib)
(load (expand-file-name "slotwise.el" (file-name-directory load-file-name)))
(require 'flymake)

(defvar slotwise-test-failed 0)

(defun slotwise-test-check (name ok detail)
  "Report that NAME is OK, or show DETAIL."
  (unless ok (cl-incf slotwise-test-failed))
  (princ (format "%s %s%s\n" (if ok "ok  " "FAIL") name (if ok "" (format ": %S" detail)))))

(defun slotwise-test-wait (done)
  "Let Emacs work until DONE returns something, at most ten seconds."
  (let ((end (+ (float-time) 10)) result)
    (while (and (not (setq result (funcall done))) (< (float-time) end))
      (accept-process-output nil 0.05))
    result))

(defun slotwise-test-finding (text line)
  "The problem on LINE whose text contains TEXT."
  (cl-find-if (lambda (it)
                (and (string-match-p (regexp-quote text) (flymake-diagnostic-text it))
                     (= line (line-number-at-pos (flymake-diagnostic-beg it)))))
              (flymake-diagnostics)))

(let* ((folder (make-temp-file "slotwise" t))
       (file (expand-file-name "flink-conf.yaml" folder))
       (eglot-sync-connect 10)
       (eglot-autoshutdown nil))
  (with-temp-file file
    (insert "taskmanager.memory.process.size: 4g\n"
            "taskmanager.memory.netwrok.max: 1g\n"
            "state.bac\n"))
  (condition-case error
      (with-current-buffer (find-file-noselect file)
        (slotwise-test-check "the mode is chosen by the file's name" (eq major-mode 'slotwise-mode) major-mode)
        (unless (eglot-managed-p)
          (apply #'eglot--connect (let ((args (eglot--guess-contact))) args)))
        (slotwise-test-wait #'eglot-managed-p)
        (slotwise-test-check "the server is connected" (eglot-managed-p) nil)
        (flymake-mode 1)
        (flymake-start)
        (slotwise-test-wait (lambda () (slotwise-test-finding "FK001" 2)))
        (slotwise-test-check "a typo is underlined"
                             (or (slotwise-test-finding "FK001" 2) (slotwise-test-finding "netwrok" 2))
                             (mapcar #'flymake-diagnostic-text (flymake-diagnostics)))
        (goto-char (+ (point-min) 5))
        (let* ((answer (jsonrpc-request (eglot--current-server-or-lose) :textDocument/hover
                                        (eglot--TextDocumentPositionParams)))
               (text (plist-get (plist-get answer :contents) :value)))
          (slotwise-test-check "a hover tells what a key does"
                               (string-match-p (regexp-quote "Total Process: **4 GiB**") text) text))
        (goto-char (point-min))
        (forward-line 2)
        (end-of-line)
        (let* ((capf (eglot-completion-at-point))
               (found (all-completions "state.bac" (nth 2 capf))))
          (slotwise-test-check "a key is completed"
                               (cl-some (lambda (it) (string-prefix-p "state.backend.type" it)) found) found))
        (goto-char (point-min))
        (forward-line 1)
        (let* ((actions (append (eglot-code-actions (point) (point) "quickfix") nil))
               (fix (cl-find-if (lambda (it) (eq t (plist-get it :isPreferred))) actions)))
          (slotwise-test-check "one fix is preferred" fix actions)
          (when fix
            (eglot--apply-workspace-edit (plist-get fix :edit))))
        (goto-char (point-min))
        (forward-line 1)
        (let ((line (buffer-substring-no-properties (line-beginning-position) (line-end-position))))
          (slotwise-test-check "the fix changes the buffer"
                               (equal line "taskmanager.memory.network.max: 1g") line))
        (set-buffer-modified-p nil)
        (eglot-shutdown (eglot--current-server-or-lose)))
    (error (slotwise-test-check "the script runs to its end" nil error))))

(kill-emacs (if (= 0 slotwise-test-failed) 0 1))
;;; test.el ends here
