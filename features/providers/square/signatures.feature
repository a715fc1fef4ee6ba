@webhooks @pci-6.2.4 @cwe-347 @cwe-345 @asvs-V4.1.5 @asvs-V9.1.1 @wstg-BUSL-02
Feature: Square signs the address together with the body

  What Square signs begins with the address that it was told, letter for letter. A shop that takes the address from the
  request refuses genuine news on the day its proxy changes; one that leaves it out believes what was signed for others.

  @critical @defect-W01 @defect-W03
  Scenario Outline: What was signed in another way is not believed (<forgery>)
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay
    When an attacker delivers a "payment succeeded" event with <forgery>
    Then the answer is a refusal, not an error of the server
    And the shop keeps no record of the forged event
    And the order stays unpaid

    Examples: Over something else
      | forgery                                                                   |
      | a signature over the body and the address                                 |
      | a signature over the body alone                                           |
      | a signature over the address under another scheme      |
      | a signature over the address with a slash added                           |
      | a signature over the address with another port                            |
      | a signature over the address of another host                              |
      | a signature over the address with a query added                           |
      | a body re-serialised after signing                                        |

    Examples: In another manner
      | forgery                                     |
      | a signature in hexadecimal                  |
      | a signature with the key taken for base64   |
      | a signature with an outdated hash           |

  @medium @defect-W14 @cwe-757
  Scenario: The older header proves nothing
    Given a shopper with an unpaid order of 49.99 EUR
    And the shopper starts to pay
    When an attacker delivers a "payment succeeded" event with the older header alone
    Then the answer is a refusal, not an error of the server
    And the shop keeps no record of the forged event
    And the order stays unpaid

  @high @defect-W13
  Scenario: What a proxy makes of the address does not matter
    Given the provider's events are held back
    And a shopper with an unpaid order of 49.99 EUR
    When the shopper pays on the provider's page with a Visa card
    And the "payment succeeded" event arrives, through a proxy that names itself
    Then the event is acknowledged
    And the order is paid
    And the order is fulfilled once

  @high @defect-W07 @launched
  Scenario: A delivery under the key before is believed while both keys are known
    Given a shopper who paid 49.99 EUR
    And the provider's events are held back
    When the signature key is changed at the provider
    And the shop is restarted
    And 10.00 EUR are refunded at the provider's own desk
    And the "payment refunded" event arrives, signed with the key before
    Then the event is acknowledged
    And the order is partly refunded

  @critical @defect-W07 @defect-W28 @simulator-only @launched
  Scenario: What the shop could not check while the key was changed comes again
    Given a shopper who paid 49.99 EUR
    When the signature key is changed at the provider
    And 10.00 EUR are refunded at the provider's own desk
    And the order is seen as paid
    And the shop is restarted
    And 2 hours pass
    Then the order is partly refunded
    And the shop keeps one record of the "refund started" event
    And the books balance and agree with the provider
