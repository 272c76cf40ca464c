-- As in 0003, and the same of the contract. A prediction of older code has no digest of it, and is stored all the same.
CREATE OR REPLACE FUNCTION "record_models"() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
	other record;
BEGIN
	INSERT INTO "models" ("name", "version", "sha256")
	SELECT DISTINCT "model_name", "model_version", "model_sha256" FROM "stored"
	ON CONFLICT DO NOTHING;

	SELECT "stored"."model_name", "stored"."model_version", "stored"."model_sha256" INTO other
	FROM "stored"
	JOIN "models" ON "models"."name" = "stored"."model_name" AND "models"."version" = "stored"."model_version"
	WHERE "models"."sha256" <> "stored"."model_sha256"
	LIMIT 1;
	IF FOUND THEN
		-- The detail is the sha256 that is refused, for the code that stores: all rows that have it are.
		RAISE EXCEPTION '% % was recorded with another sha256 before', other.model_name, other.model_version
			USING ERRCODE = 'check_violation', CONSTRAINT = 'models_one_sha256', DETAIL = other.model_sha256;
	END IF;

	-- The first prediction that says the digest of the contract settles it. Of two transactions, the second waits here for the first,
	-- then finds the digest and changes nothing; the comparison below sees what the first one wrote.
	UPDATE "models" SET "contract_sha256" = "first"."contract_sha256"
	FROM (
		SELECT DISTINCT ON ("model_name", "model_version") "model_name", "model_version", "contract_sha256"
		FROM "stored" WHERE "contract_sha256" IS NOT NULL
		ORDER BY "model_name", "model_version", "created_at", "id"
	) AS "first"
	WHERE "models"."name" = "first"."model_name" AND "models"."version" = "first"."model_version"
		AND "models"."contract_sha256" IS NULL;

	SELECT "stored"."model_name", "stored"."model_version", "stored"."contract_sha256" INTO other
	FROM "stored"
	JOIN "models" ON "models"."name" = "stored"."model_name" AND "models"."version" = "stored"."model_version"
	WHERE "models"."contract_sha256" <> "stored"."contract_sha256"
	LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION '% % was recorded with another contract before', other.model_name, other.model_version
			USING ERRCODE = 'check_violation', CONSTRAINT = 'models_one_contract_sha256', DETAIL = other.contract_sha256;
	END IF;
	RETURN NULL;
END
$$;
