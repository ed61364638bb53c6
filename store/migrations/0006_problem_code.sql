-- The code of an entry's problem, by which texts that wait for a decision are counted.
ALTER TABLE entries ADD COLUMN problem_code TEXT NOT NULL DEFAULT ''; -- empty: no problem
-- A problem is kept as {"code":"…","text":"…"}. What LTRIM leaves of it from the
-- tenth character on begins where the code ends.
UPDATE entries SET problem_code = SUBSTR(problem, 10, LENGTH(problem) - 9
	- LENGTH(LTRIM(SUBSTR(problem, 10), '0123456789_-.:/ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz')))
WHERE problem LIKE '{"code":"%';
